"""`nlpx list`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nlpx.core.component import builtin_registry
from nlpx.specs.document import documentation
from tests.cli.program import Nlpx, nlpx

__all__ = ["nlpx"]

PLUGIN = Path(__file__).resolve().parents[2] / "docs" / "plugins" / "squeeze.py"


def test_everything(nlpx: Nlpx) -> None:
    done = nlpx("list")
    assert done.code == 0
    lines = done.out.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == builtin_registry().kinds
    for component in builtin_registry():
        # Components of two kinds may have one name.
        named = [line for line in lines if line.split()[0] == component.name]
        assert any(line.endswith(documentation(component.component).summary) for line in named)


def test_one_kind(nlpx: Nlpx) -> None:
    lines = nlpx("list", "head").out.splitlines()
    assert [line.split()[0] for line in lines] == ["head", "bi_memm", "crf", "memm", "softmax"]


def test_one_kind_in_chinese(nlpx: Nlpx, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NLPX_LANG", "zh")
    lines = nlpx("list", "head").out.splitlines()
    assert lines[2].startswith("  crf      线性链条件随机场")
    (plugin,) = [
        line for line in nlpx("list", "encoder", "--include", PLUGIN).out.splitlines() if "squeeze_" in line
    ]
    assert plugin.isascii()


def test_json(nlpx: Nlpx) -> None:
    components = json.loads(nlpx("list", "metric", "--json").out)["components"]
    assert [component["name"] for component in components] == builtin_registry().names("metric")
    (bleu,) = [component for component in components if component["name"] == "bleu"]
    assert bleu["extra"] == "metrics"
    assert "bleu.py:" in bleu["where"]


def test_plugins(nlpx: Nlpx) -> None:
    assert "squeeze_excite" not in nlpx("list").out
    assert "squeeze_excite" in nlpx("list", "encoder", "--include", PLUGIN).out


def test_an_unknown_kind(nlpx: Nlpx) -> None:
    done = nlpx("list", "encoders")
    assert done.code == 2
    assert done.err == "error: there is no kind 'encoders'; did you mean encoder?\n"
