"""Maximum matching against all ways to split a text, and cleaning by hand."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from nlpx.text.names import NameDictionary, cleaned


def splits(text: str) -> Iterator[list[str]]:
    """All ways to split a text."""
    if not text:
        yield []
    for end in range(1, len(text) + 1):
        yield from ([text[:end], *rest] for rest in splits(text[end:]))


@given(st.sets(st.text("天地人", min_size=1, max_size=4), max_size=5), st.text("天地人和", max_size=8))
def test_fewest_parts(names: set[str], text: str) -> None:
    possible = [parts for parts in splits(text) if all(p in names or len(p) == 1 for p in parts)]
    best = min(
        possible,
        key=lambda parts: (len(parts), sum(p not in names for p in parts), [-len(p) for p in parts]),
    )
    dictionary, start, expected = NameDictionary(names), 0, []
    for part in best:
        if part in names:
            expected.append((start, start + len(part)))
        start += len(part)
    assert dictionary.match(text) == expected
    assert all(name in dictionary for name in names) and "和" not in dictionary


def test_a_long_text_is_no_problem() -> None:
    assert len(NameDictionary(["天地", "天"]).match("天地天" * 2000)) == 4000


def test_cleaning_by_hand() -> None:
    matched, annotated = {"甲": 9, "乙": 8, "丙": 3, "丁": 14, "戊": 0}, {"甲": 1, "乙": 1, "丁": 2, "己": 5}
    # 10 / 2, 9 / 2, 4 / 1, 15 / 3, 1 / 1
    assert cleaned(matched, annotated, 5) == ["乙", "丙", "戊"]
    assert cleaned(matched, annotated, 5.1) == ["甲", "乙", "丙", "丁", "戊"]
    assert cleaned(matched, annotated, 1) == []
