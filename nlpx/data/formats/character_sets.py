"""Guess the character set of text that is not UTF-8, for messages."""

from __future__ import annotations

import codecs
from functools import cache
from typing import Literal, NamedTuple

Encoding = Literal["utf-8", "gb18030", "gbk", "big5", "utf-16", "utf-16-le", "utf-16-be"]
"""Character sets that a config can declare."""


class CharacterSet(NamedTuple):
    """A character set: its common name, its name in iconv, and its name in configs."""

    name: str
    iconv: str
    encoding: Encoding


NAMES = {
    found.encoding: found
    for found in (
        CharacterSet("GB18030 (GBK)", "GB18030", "gb18030"),
        CharacterSet("Big5", "BIG5", "big5"),
        CharacterSet("UTF-16", "UTF-16", "utf-16"),
        CharacterSet("UTF-16", "UTF-16LE", "utf-16-le"),
        CharacterSet("UTF-16", "UTF-16BE", "utf-16-be"),
    )
}
READ = 1 << 16
SURE = 0.8
"""The minimum share of common characters."""


def guess(raw: bytes) -> CharacterSet | None:
    """The character set that decodes bytes to usual Chinese, if any."""
    raw = raw[:READ]
    # By the mark, even where the text is cut off in the middle of a character.
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return NAMES["utf-16"]
    # Characters of these sets have zero bytes, those of the others do not.
    wide = [name for name in NAMES if name.startswith("utf-16-")]
    found = {name: _usual(raw, name) for name in (wide if b"\0" in raw else NAMES) if name != "utf-16"}
    best = max(found, key=lambda name: found[name])
    return NAMES[best] if found[best] >= SURE else None


def _usual(raw: bytes, name: str) -> float:
    """The share of common characters in the decoded text; 0 if it cannot be decoded."""
    try:
        text = codecs.getincrementaldecoder(name)().decode(raw)
    except UnicodeDecodeError:
        return 0.0
    return sum(map(_is_usual, text)) / len(text) if len(text) > 1 else 0.0


@cache
def _is_usual(character: str) -> bool:
    """ASCII, punctuation, and the more frequent half of the characters of GB2312 and Big5."""
    if character.isascii():
        return character.isprintable() or character in "\t\r\n"
    return any(
        low <= character.encode(name, "ignore")[:1] <= high
        for name, low, high in (("gb2312", b"\xa1", b"\xd7"), ("big5", b"\xa1", b"\xc6"))
    )
