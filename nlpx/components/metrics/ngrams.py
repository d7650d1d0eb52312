"""N-grams of characters, as metrics count them: inside a text, without borders."""

from __future__ import annotations

from collections.abc import Sequence


def ngrams(text: str, n: int) -> list[str]:
    """The n-grams of a text, in order."""
    return [text[i : i + n] for i in range(len(text) - n + 1)]


def added(seen: set[str], found: Sequence[str]) -> tuple[int, int]:
    """How many different n-grams are not in `seen` yet, to which they are added, and how many are found."""
    before = len(seen)
    seen.update(found)
    return len(seen) - before, len(found)
