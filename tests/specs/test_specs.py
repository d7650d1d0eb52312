"""What specs know beside their options."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from nlpx.components.encoders.base import Encoder
from nlpx.components.encoders.bidirectional import Bidirectional
from nlpx.components.encoders.conv import Conv
from nlpx.components.encoders.gated_conv import GatedConv
from nlpx.components.metrics.base import Metric
from nlpx.components.metrics.word_f1 import WordF1
from nlpx.core.component import builtin_registry
from nlpx.core.extras import EXTRAS, how_to_install, missing_modules
from nlpx.specs.embedding import EmbeddingSection, Ngrams

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("block", "width"),
    [
        (GatedConv(), 60),
        (GatedConv(filters=60), 60),
        (Conv(), 128),
        (Conv(filters=60, residual=True), 60),
        (Bidirectional(units=8), 16),
        (Bidirectional(units=8, merge="sum"), 8),
    ],
)
def test_width(block: Encoder, width: int) -> None:
    assert block.width(60) == width


@pytest.mark.parametrize("block", [GatedConv(filters=64), Conv(residual=True)])
def test_width_that_does_not_fit(block: Encoder) -> None:
    with pytest.raises(ValueError, match="60 wide"):
        block.width(60)


def test_embedding_width_counts_the_ngrams_before_and_after_a_position() -> None:
    embedding = EmbeddingSection(dim=10, ngrams=[Ngrams(size=2, dim=3), Ngrams(size=3, dim=1)])
    assert embedding.width == 10 + 2 * 3 + 2 * 1


def test_numbers_depend_on_options() -> None:
    assert "set_recall" not in WordF1().numbers()
    assert set(WordF1(author_set_recall=True).numbers()) == set(WordF1.directions)


def test_no_two_metrics_give_the_same_number() -> None:
    numbers = [
        number
        for component in builtin_registry()
        if issubclass(component.component, Metric)
        for number in component.component.directions
    ]
    assert len(numbers) == len(set(numbers))


def test_extras_are_those_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(EXTRAS) == set(project["optional-dependencies"]) - {"dev", "site"}
    used = {component.component.extra for component in builtin_registry()} - {""}
    assert used <= set(EXTRAS)


def test_missing_modules(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(EXTRAS, "made_up", ("json", "no_such_module_anywhere"))
    assert missing_modules("made_up") == ["no_such_module_anywhere"]
    (tmp_path / "no_such_module_anywhere").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    assert missing_modules("made_up") == ["no_such_module_anywhere"]
    assert missing_modules("") == []
    assert how_to_install("metrics") == "pip install -e '.[metrics]' in the checkout of nlpx"
