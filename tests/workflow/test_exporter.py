"""What an export needs is named at once, with the extra that has all of it."""

from __future__ import annotations

import pytest

from nlpx.core.extras import EXTRAS
from nlpx.errors import EnvironmentProblem
from nlpx.workflow.onnx_graphs import expect_exporter


def test_missing_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {*EXTRAS["onnx"]} < {*EXTRAS["export"]}
    monkeypatch.setitem(EXTRAS, "export", ("no_such_module", "nor_this"))
    with pytest.raises(EnvironmentProblem, match=r"no_such_module, nor_this: .*'\.\[export\]'"):
        expect_exporter()
