"""Normalization of characters before vocabulary lookup; every character is mapped to one character."""

from __future__ import annotations

import unicodedata
from functools import cached_property
from typing import Literal

from nlpx.core.lazy import np
from nlpx.text.code_points import LARGEST, code_points

FULL_WIDTH = range(0xFF01, 0xFF5F)
FULL_WIDTH_OFFSET = 0xFEE0
IDEOGRAPHIC_SPACE = 0x3000
UNSET = 0xFFFFFFFF
"""No code point."""


class Normalizer:
    """Maps texts character by character, so that positions do not change.

    Args:
        width: `half` maps full-width forms, U+FF01 to U+FF5E, to ASCII, and the ideographic space to a blank.
        case: `lower` maps letters to lower case if that is one character (for İ it is two, so it is kept).
        digits: `zero` maps decimal digits of all scripts to 0.
    """

    def __init__(
        self,
        width: Literal["half", "keep"] = "half",
        case: Literal["lower", "keep"] = "keep",
        digits: Literal["zero", "keep"] = "keep",
    ) -> None:
        table = _Table(width == "half", case == "lower", digits == "zero")
        self._table = table if (width, case, digits) != ("keep", "keep", "keep") else None

    def normalize(self, text: str) -> str:
        """The normalized text, which has the same length."""
        return text if self._table is None else text.translate(self._table)

    def code_points(self, text: str) -> np.ndarray:
        """The code points of the normalized text, (len(text),) uint32."""
        codes = code_points(text)
        if self._table is None:
            return codes
        mapped = self._code_points.take(codes)
        new = mapped == UNSET
        if new.any():
            for code in set(codes[new].tolist()):
                self._code_points[code] = ord(self._table[code])
            mapped = self._code_points.take(codes)
        return mapped

    @cached_property
    def _code_points(self) -> np.ndarray:
        """The table by code point, filled on demand."""
        return np.full(LARGEST + 1, UNSET, np.uint32)


class _Table(dict[int, str]):
    """A translation table that is filled on demand."""

    def __init__(self, half: bool, lower: bool, zero: bool) -> None:
        super().__init__()
        self._half, self._lower, self._zero = half, lower, zero

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if self._half:
            char = _half_width(code)
        if self._lower and len(char.lower()) == 1:
            char = char.lower()
        if self._zero and unicodedata.decimal(char, None) is not None:
            char = "0"
        self[code] = char
        return char


def _half_width(code: int) -> str:
    if code in FULL_WIDTH:
        return chr(code - FULL_WIDTH_OFFSET)
    return " " if code == IDEOGRAPHIC_SPACE else chr(code)
