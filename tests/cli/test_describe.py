"""`nlpx describe`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.cells import cell_len

from nlpx.core.component import builtin_registry
from nlpx.specs.document import documentation
from tests.cli.program import Nlpx, nlpx

__all__ = ["nlpx"]

PLUGIN = Path(__file__).resolve().parents[2] / "docs" / "plugins" / "squeeze.py"


def test_every_component(nlpx: Nlpx, subtests: pytest.Subtests) -> None:
    for component in builtin_registry():
        with subtests.test(f"{component.kind}/{component.name}"):
            done = nlpx("describe", f"{component.kind}/{component.name}")
            assert done.code == 0
            for option in documentation(component.component).options:
                assert f"\n  {option}: " in done.out
            assert f"Source: {component.where}\n" in done.out
            assert ("Implementation: " in done.out) == bool(component.implementation)
            for part in ("Shapes: ", "Data: ", "Relations: ", "Reference: ", "Example:\n"):
                assert f"\n{part}" in done.out


def test_a_page(nlpx: Nlpx) -> None:
    lines = nlpx("describe", "encoder/conv").out.splitlines()
    assert lines[0] == "encoder/conv"
    assert "  filters: integer >= 1, default 128" in lines
    assert "  activation: relu or gelu or silu or tanh or linear, default relu" in lines
    assert "      - {type: conv, filters: 128, kernel_size: 3, repeat: 3}" in [line[2:] for line in lines]


def test_a_page_in_chinese(nlpx: Nlpx) -> None:
    lines = nlpx("describe", "loss/circle", "--lang", "zh").out.splitlines()
    assert lines[0] == "loss/circle"
    assert "  margin：数 >= 0 且 < 1 或 {value, schedule}，默认 0.25" in lines
    assert "  vector：长度为 1 的句向量，(B, D)" in lines
    assert all(cell_len(line) <= 100 for line in lines)
    assert lines[-1].startswith("源码：")
    plugin = nlpx("describe", "squeeze_excite", "--include", PLUGIN, "--lang", "zh").out
    assert "\n选项：\n" in plugin and "Relations：" in plugin


def test_a_task_shows_its_sections(nlpx: Nlpx) -> None:
    out = nlpx("describe", "task/couplet").out
    assert "  train.early_stopping.patience: integer >= 1, default 5\n" in out
    assert "  checkpoint.monitor: " in out


def test_an_extra_is_told(nlpx: Nlpx) -> None:
    assert (
        "Install: pip install -e '.[metrics]' in the checkout of nlpx" in nlpx("describe", "metric/bleu").out
    )


def test_needs_and_gives_are_told(nlpx: Nlpx) -> None:
    out = nlpx("describe", "loss/cross_entropy").out
    assert "\nNeeds:\n  logits: scores of all classes before the softmax, (..., U)\n" in out
    assert "\nGives:\n  crf_nll: -log P(tags | text)" in nlpx("describe", "head/crf").out
    told = json.loads(nlpx("describe", "head/crf", "--json").out)
    assert (told["needs"], told["gives"]) == ([], ["crf_nll"])


def test_json(nlpx: Nlpx) -> None:
    told = json.loads(nlpx("describe", "optimizer/sgd", "--json").out)
    assert (told["kind"], told["name"], told["implementation"]) == (
        "optimizer",
        "sgd",
        "",
    )
    momentum = next(option for option in told["options"] if option["name"] == "momentum")
    assert momentum == {
        "name": "momentum",
        "type": "number >= 0 and < 1",
        "default": "0.0",
        "text": "decay of the velocity.",
    }


def test_plugins(nlpx: Nlpx) -> None:
    done = nlpx("describe", "squeeze_excite", "--include", PLUGIN)
    assert "  reduction: integer >= 1, default 4\n" in done.out
    assert f"Source: {PLUGIN}:" in done.out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("encoder/gated_cov", "there is no encoder/gated_cov; did you mean encoder/gated_conv?"),
        ("gated_cov", "there is no gated_cov; did you mean encoder/gated_conv?"),
        ("loss/viterbi", "there is no loss/viterbi; there is decoder/viterbi."),
        ("xyzzy", "there is no xyzzy; nlpx list shows all components."),
    ],
)
def test_an_unknown_component(nlpx: Nlpx, text: str, message: str) -> None:
    done = nlpx("describe", text)
    assert (done.code, done.err) == (2, f"error: {message}\n")


def test_a_bare_name(nlpx: Nlpx) -> None:
    assert nlpx("describe", "viterbi").out == nlpx("describe", "decoder/viterbi").out
