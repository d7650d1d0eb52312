"""A sweep that was run once, for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sweeps.making import ROOT, runner, write


@pytest.fixture(autouse=True)
def _found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process of a run finds the package of the tests."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a sweep that was run without interruption."""
    folder = tmp_path_factory.mktemp("undisturbed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        runner(write(folder), [], jobs=2).run()
    return folder
