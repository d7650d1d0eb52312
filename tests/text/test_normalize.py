"""Normalization: one character in, one character out."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.text.normalize import Normalizer

OPTIONS: st.SearchStrategy[dict[str, str]] = st.fixed_dictionaries(
    {
        "width": st.sampled_from(["half", "keep"]),
        "case": st.sampled_from(["lower", "keep"]),
        "digits": st.sampled_from(["zero", "keep"]),
    }
)


@given(st.text(), OPTIONS)
def test_the_length_stays_and_characters_are_mapped_alone(text: str, options: dict[str, str]) -> None:
    normalizer = Normalizer(**options)  # type: ignore[arg-type]  # sampled from the literals
    result = normalizer.normalize(text)
    assert len(result) == len(text)
    assert result == "".join(normalizer.normalize(char) for char in text)
    assert normalizer.normalize(result) == result


def test_half_width_agrees_with_compatibility_decomposition() -> None:
    full = "".join(map(chr, range(0xFF01, 0xFF5F)))
    assert Normalizer().normalize(full + "\u3000") == unicodedata.normalize("NFKC", full) + " "


def test_half_width_changes_nothing_else() -> None:
    mapped = {chr(code) for code in [0x3000, *range(0xFF01, 0xFF5F)]}
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    result = Normalizer().normalize(every)
    assert {old for old, new in zip(every, result, strict=True) if old != new} == mapped


@pytest.mark.parametrize(
    ("options", "text", "expected"),
    [
        ({"width": "keep"}, "ＡＢ１，", "ＡＢ１，"),
        ({"case": "lower"}, "ＮＬＰx Ä", "nlpx ä"),
        ({"case": "lower"}, "İß", "İß"),
        ({"case": "lower", "width": "keep"}, "Ｎ", "ｎ"),
        ({"digits": "zero"}, "１９98年٣〇一²", "0000年0〇一²"),
        ({"width": "keep", "digits": "zero"}, "１，", "0，"),
        ({}, "一九98年￥", "一九98年￥"),
    ],
)
def test_examples(options: dict[str, str], text: str, expected: str) -> None:
    assert Normalizer(**options).normalize(text) == expected  # type: ignore[arg-type]  # valid literals
