"""Make text from files safe to print on a terminal."""

from __future__ import annotations

import json
import math
import unicodedata
from functools import partial
from typing import TextIO

HIDDEN = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
"""Unicode categories of characters that affect a terminal: controls, directions, surrogates, line breaks."""
JOINERS = "\u200c\u200d"
"""Harmless format characters, which shape adjacent characters in emoji and in scripts such as Persian."""


def printable(text: str, keep: str = "") -> str:
    r"""The text with control characters, bidirectional overrides and surrogates escaped like `\x1b`.

    Args:
        text: any text.
        keep: characters that are not escaped, such as a line feed.
    """
    if _is_harmless(text):
        return text
    return "".join(char if char in keep or not _acts(char) else _escaped(char) for char in text)


def shown(text: str, stream: TextIO) -> str:
    """The text for a stream: escaped for a terminal, unchanged otherwise."""
    return printable(text, keep="\n\t") if stream.isatty() else text


def printable_json(value: object, indent: int | None = 2) -> str:
    """Valid JSON that can be printed on a terminal; values that JSON lacks, such as NaN, are null."""
    write = partial(json.dumps, ensure_ascii=False, indent=indent, default=lambda other: None)
    try:
        text = write(value, allow_nan=False)
    except ValueError:
        text = write(_finite(value))
    if _is_harmless(text):
        return text
    if not any(_acts(char) for char in text if char != "\n"):
        return text
    # Such characters only occur in strings, where they can be written as `\u` escapes.
    return "".join(json.dumps(char)[1:-1] if char != "\n" and _acts(char) else char for char in text)


def _is_harmless(text: str) -> bool:
    """Whether a text obviously contains nothing to escape; much faster than looking at every character."""
    return text.replace("\u3000", " ").isprintable()


def _acts(char: str) -> bool:
    return unicodedata.category(char) in HIDDEN and char not in JOINERS


def _escaped(char: str) -> str:
    return f"\\x{ord(char):02x}" if ord(char) < 0x80 else char.encode("ascii", "backslashreplace").decode()


def _finite(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
