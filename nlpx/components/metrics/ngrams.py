"""Character n-grams for metrics, without borders."""

from __future__ import annotations

from collections.abc import Sequence


def ngrams(text: str, n: int) -> list[str]:
    """The n-grams of a text, in order."""
    return [text[i : i + n] for i in range(len(text) - n + 1)]


def added(seen: set[str], found: Sequence[str]) -> tuple[int, int]:
    """Add n-grams to `seen`; returns the number of new distinct ones, and the number of all."""
    before = len(seen)
    seen.update(found)
    return len(seen) - before, len(found)
