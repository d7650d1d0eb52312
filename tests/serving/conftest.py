"""Fixtures of the tests of servers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.program import nlpx

__all__ = ["nlpx"]


@pytest.fixture(scope="session")
def bundle(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of a run of couplets."""
    from nlpx.workflow.export import export_bundle
    from nlpx.workflow.model import open_model

    pytest.importorskip("tf2onnx")
    path = tmp_path_factory.mktemp("bundle") / "couplets"
    export_bundle(open_model(Path(), str(finished / "couplet" / "tiny"), "best"), path)
    return path
