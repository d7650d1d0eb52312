"""Punctuation, Chinese and other."""

from __future__ import annotations

import unicodedata

SENTENCE_END = frozenset("。！？；…!?;")
"""Marks after which a text is cut first."""
CLAUSE_END = frozenset("，、：,:")
"""Marks after which a text is cut where a sentence is too long."""


def is_punctuation(char: str) -> bool:
    """Whether a character is punctuation (Unicode P*) or a symbol (S*); 〇, a numeral, is neither."""
    return unicodedata.category(char)[0] in "PS"
