"""Cutting long texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.text.pieces import cut
from nlpx.text.punctuation import CLAUSE_END, SENTENCE_END

TEXTS = st.text(st.sampled_from("甲乙丙。！，、a "), max_size=60) | st.text(max_size=60)


@given(TEXTS, st.integers(1, 20))
def test_pieces_join_into_the_text_and_fit(text: str, limit: int) -> None:
    pieces = cut(text, limit)
    assert "".join(pieces) == text
    assert all(0 < len(piece) <= limit for piece in pieces)


@given(TEXTS, st.integers(1, 20))
def test_every_cut_is_the_best_one_that_fits(text: str, limit: int) -> None:
    pieces = cut(text, limit)
    for i, piece in enumerate(pieces[:-1]):
        window = ("".join(pieces[i:]))[:limit]
        for marks in (SENTENCE_END, CLAUSE_END):
            ends = [end for end in range(1, limit + 1) if window[end - 1] in marks]
            if ends:
                assert len(piece) == ends[-1]
                break
        else:
            assert len(piece) == limit


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("", 3, []),
        ("甲乙丙", 3, ["甲乙丙"]),
        ("甲。乙，丙丁", 5, ["甲。", "乙，丙丁"]),
        ("甲，乙丙丁", 4, ["甲，", "乙丙丁"]),
        ("甲乙丙丁戊", 2, ["甲乙", "丙丁", "戊"]),
        ("甲乙丙。丁", 4, ["甲乙丙。", "丁"]),
    ],
)
def test_examples(text: str, limit: int, expected: list[str]) -> None:
    assert cut(text, limit) == expected


def test_a_limit_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a limit of at least 1; got 0"):
        cut("甲", 0)
