"""Punctuation, Chinese and other."""

from __future__ import annotations

import unicodedata

SENTENCE_END = frozenset("。！？；…!?;")
"""Marks after which a text is cut first."""
CLAUSE_END = frozenset("，、：,:")
"""Marks after which a text is cut where a sentence is too long."""


def is_punctuation(char: str) -> bool:
    """Whether a character is punctuation or a symbol: Unicode categories P* and S*.

    That holds for all Chinese marks in full and half width, book title marks, dashes, the middle dot, the
    wave dash ～ (a symbol) and emoji. The numeral 〇, the repetition mark 々, digits, letters and blanks are
    neither.
    """
    return unicodedata.category(char)[0] in "PS"
