"""Texts as arrays of code points."""

from __future__ import annotations

import sys

from nlpx.core.lazy import np

LARGEST = sys.maxunicode


def code_points(text: str) -> np.ndarray:
    """The code points of a text, (len(text),) uint32; lone surrogates are kept."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
