"""Chinese and other punctuation."""

from __future__ import annotations

import unicodedata
from functools import cache

SENTENCE_END = frozenset("。！？；…!?;")
"""Marks after which a text is split."""
CLAUSE_END = frozenset("，、：,:")
"""Marks after which a sentence that is too long is split."""


@cache
def is_punctuation(char: str) -> bool:
    """Whether a character is punctuation or a symbol: Unicode categories P* and S*.

    This includes all Chinese marks in full and half width, book title marks, dashes, the middle dot, the
    wave dash ～ (a symbol) and emoji, but not the numeral 〇, the iteration mark 々, digits, letters and
    blanks.
    """
    return unicodedata.category(char)[0] in "PS"
