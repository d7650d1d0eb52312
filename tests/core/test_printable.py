"""Texts from files on a terminal, and JSON that stays JSON."""

from __future__ import annotations

import io
import json
import math
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.core.printable import HIDDEN, printable, printable_json, shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", r"\x1b[2J"),
        ("a\u202eb", r"a\u202eb"),
        ("\x9b31m", r"\x9b31m"),
        ("\ud800", r"\ud800"),
        ("\u2028", r"\u2028"),
        ("\x7f\x00\r", r"\x7f\x00\x0d"),
        ("\U000e0041", r"\U000e0041"),
    ],
)
def test_what_acts_on_a_terminal_is_written_out(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_no_printable_character_acts_on_a_terminal() -> None:
    characters = map(chr, range(sys.maxunicode + 1))
    assert not [c for c in characters if c.isprintable() and unicodedata.category(c) in HIDDEN]


@pytest.mark.parametrize(
    "text", ["春风　秋月", "a b", "é", "👨\u200d👩", "می\u200cخواهم", "\u00a0", "𠀀", "e\u0301"]
)
def test_text_stays_as_it_is(text: str) -> None:
    assert printable(text) == text


def test_only_a_terminal_is_spared_what_acts_on_it() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    text = "春\t\u202e\x9b31m\n"
    assert shown(text, Terminal()) == "春\t\\u202e\\x9b31m\n"
    assert shown(text, io.StringIO()) == text


def test_line_feeds_stay_where_they_are_wanted() -> None:
    assert printable("a\nb\x1b", keep="\n") == "a\nb\\x1b"


@given(st.dictionaries(st.text(st.characters()), st.floats() | st.text(st.characters()) | st.none()))
def test_json_gives_back_what_it_was_made_of(value: dict[str, object]) -> None:
    text = printable_json(value)
    assert printable(text, keep="\n") == text
    text.encode()
    finite = {
        key: None if isinstance(item, float) and not math.isfinite(item) else item
        for key, item in value.items()
    }
    assert json.loads(text) == finite


def test_json_has_no_number_that_is_none() -> None:
    assert json.loads(printable_json([float("nan"), {"a": (float("inf"), 1.5)}])) == [
        None,
        {"a": [None, 1.5]},
    ]
