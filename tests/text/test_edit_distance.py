"""Edit distance against its recursive definition."""

from __future__ import annotations

from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from nlpx.text.edit_distance import edit_distance

TEXT = st.text("甲乙丙😀", max_size=7)


def defined(one: str, other: str) -> int:
    @cache
    def distance(i: int, j: int) -> int:
        if not i or not j:
            return i + j
        replaced = distance(i - 1, j - 1) + (one[i - 1] != other[j - 1])
        return min(replaced, distance(i - 1, j) + 1, distance(i, j - 1) + 1)

    return distance(len(one), len(other))


@given(TEXT, TEXT)
def test_it_is_the_fewest_changes(one: str, other: str) -> None:
    assert edit_distance(one, other) == edit_distance(other, one) == defined(one, other)


def test_long_texts() -> None:
    assert edit_distance("甲乙" * 400, "乙甲" * 400) == 2
    assert edit_distance("", "甲" * 1000) == edit_distance("甲" * 1000, "") == 1000
    assert edit_distance("甲" * 1000, "乙" * 990) == 1000
