"""Blanks of every width."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.text.blanks import blank_places, with_blanks_of, without_blanks

BLANKS = "".join(filter(str.isspace, map(chr, range(0x3001))))
"""The last one is that of CJK text."""


def test_what_is_a_blank() -> None:
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    assert set(" \t\n\r\u00a0\u2009\u202f\u3000\x1f\x85\u2028") < set(BLANKS)
    assert not set("\u200b\ufeff\u2800，。_0") & set(BLANKS)
    assert without_blanks(every) == "".join(char for char in every if char not in BLANKS)


@given(st.text(st.sampled_from(BLANKS + "春风，")), st.characters(exclude_characters=BLANKS))
def test_blanks_return_to_their_places(line: str, char: str) -> None:
    bare = without_blanks(line)
    assert with_blanks_of(line, bare) == line
    other = with_blanks_of(line, char * len(bare))
    assert blank_places(other) == blank_places(line) == [i for i, c in enumerate(line) if c in BLANKS]
    assert [other[i] for i in blank_places(line)] == [line[i] for i in blank_places(line)]
    assert without_blanks(other) == char * len(bare)


@pytest.mark.parametrize("text", ["秋", "秋月明"])
def test_another_number_of_characters_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="zip"):
        with_blanks_of("春 风", text)
