from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.text.lexicon import Lexicon, level, lexicon_words
from nlpx.text.spans import DEPTH, FIELDS, LENGTHS, spans
from nlpx.text.vocabulary import Vocabulary

WORDS = st.text("甲乙丙", min_size=1, max_size=6)
ROWS = st.lists(st.lists(WORDS, min_size=1, max_size=5), min_size=1, max_size=5)


def lexicon_of(rows: list[list[str]]) -> Lexicon:
    words = Vocabulary.build(Counter(word for row in rows for word in lexicon_words(row)))
    found = Counter(s for row in rows for _, s in spans("".join(row)) if s in words)
    return Lexicon(words, Vocabulary.build(found))


def expected(rows: list[list[str]], text: str) -> list[list[int]]:
    """Levels by counting in the rows themselves."""

    def of(stretch: str) -> int:
        as_word = sum(word == stretch for row in rows for word in row)
        texts = ["".join(row) for row in rows]
        in_all = sum(t.startswith(stretch, i) for t in texts for i in range(len(t)))
        return level(as_word, in_all) if as_word else 0

    table = [[0] * FIELDS for _ in text]
    for row, length in enumerate(LENGTHS):
        for start in range(len(text) - length + 1):
            value = of(text[start : start + length])
            table[start][2 * row] = value
            table[start + length - 1][2 * row + 1] = value
    return table


@pytest.mark.parametrize(
    ("as_word", "in_all", "wanted"),
    [
        (0, 0, 0),
        (0, 5, 1),
        (1, 100, 2),
        (1, 10, 3),
        (1, 2, 4),
        (8, 10, 5),
        (2, 2, 5),
        (3, 3, 6),
        (97, 100, 6),
    ],
)
def test_levels(as_word: int, in_all: int, wanted: int) -> None:
    assert level(as_word, in_all) == wanted


@given(ROWS, st.text("甲乙丙丁", max_size=8))
def test_features_of_new_text_are_those_of_counting(rows: list[list[str]], text: str) -> None:
    levels = lexicon_of(rows).features(text)
    assert levels.dtype == np.uint8
    assert levels.shape == (len(text), FIELDS)
    assert levels.tolist() == expected(rows, text)
    assert levels.max(initial=0) < DEPTH


@given(ROWS)
def test_a_training_row_does_not_see_itself(rows: list[list[str]]) -> None:
    """Its features are those of the lexicon of all other rows, but for stretches no other row has as a word."""
    row, others = rows[0], rows[1:]
    own = lexicon_of(rows).features("".join(row), row)
    without = expected(others, "".join(row))
    for levels, others_levels in zip(own.tolist(), without, strict=True):
        for mine, theirs in zip(levels, others_levels, strict=True):
            # 1 says: others have the stretch, never as a word. Their own lexicon does not list such stretches.
            assert mine == theirs or (mine, theirs) == (1, 0)
