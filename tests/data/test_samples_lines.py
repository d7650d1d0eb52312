"""The lines of drawn characters."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from nlpx.data.samples import find
from nlpx.tasks.ocr.sample.strokes import segments
from nlpx.tasks.ocr_lines.sample.lines import draw_line, words

SIZES = {"train": 1200, "valid": 120, "test": 180}


def test_no_text_is_in_two_splits() -> None:
    rows = {split: find("lines").rows(split) for split in SIZES}
    assert {split: len(found) for split, found in rows.items()} == SIZES
    texts = Counter(row.parts[0] for found in rows.values() for row in found)
    assert set(texts.values()) == {1}
    assert {len(text) for text in texts} >= {4, 5, 6, 7, 8} and max(map(len, texts)) <= 12
    assert Counter(row.group for row in rows["test"]) == {"generated": 120, "harder": 60}
    assert {*"".join(row.parts[0] for row in rows["train"])} == {*segments()}


def test_words_are_drawn_characters() -> None:
    assert len(words()) == len(set(words())) > 100
    assert set("".join(words())) == set(segments())


def test_a_line_is_the_same_again_and_has_ink() -> None:
    line = draw_line("大人山水", "train")
    np.testing.assert_array_equal(line, draw_line("大人山水", "train"))
    assert (
        line.shape != draw_line("大人山水", "harder").shape or (line != draw_line("大人山水", "harder")).any()
    )
    assert 40 < line.shape[0] < 60 and 0.02 < line.mean() < 0.6
    with pytest.raises(KeyError):
        draw_line("龙", "train")
