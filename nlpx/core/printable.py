"""Texts from files, as they may be shown on a terminal."""

from __future__ import annotations

import json
import math
import unicodedata
from typing import TextIO

HIDDEN = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
"""Categories of characters that act on a terminal: controls, directions, halves of pairs, line breaks."""
JOINERS = "\u200c\u200d"
"""They shape what stands beside them, in emoji and in scripts such as Persian, and do nothing else."""


def printable(text: str, keep: str = "") -> str:
    r"""The text with every control character, bidirectional override and half surrogate written as `\x1b`.

    Args:
        text: from a file, say.
        keep: characters that stay as they are, such as a line feed.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if char in keep or not _acts(char) else _escaped(char) for char in text)


def shown(text: str, stream: TextIO) -> str:
    """The text as it is written to a stream: printable where that is a terminal, else as it stands."""
    return printable(text, keep="\n\t") if stream.isatty() else text


def printable_json(value: object, indent: int | None = 2) -> str:
    """Valid JSON that can be shown on a terminal; what JSON does not have, such as NaN, is null."""
    text = json.dumps(_finite(value), ensure_ascii=False, indent=indent, default=lambda other: None)
    if not any(_acts(char) for char in text if char != "\n"):
        return text
    # Only strings can hold such characters, and there `\u` means what they are.
    return "".join(json.dumps(char)[1:-1] if char != "\n" and _acts(char) else char for char in text)


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
