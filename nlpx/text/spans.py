"""Spans of 2 to 5 characters, and levels of spans as features of positions."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

LENGTHS = (2, 3, 4, 5)
FIELDS = 2 * len(LENGTHS)
"""Levels of a position: for each length, of the span that begins there and of the one that ends there."""
DEPTH = 8
"""Levels are below this."""


def spans(text: str) -> Iterator[tuple[int, str]]:
    """All spans of a text with their positions, shortest first."""
    for length in LENGTHS:
        for start in range(len(text) - length + 1):
            yield start, text[start : start + length]


def levels_of(text: str, level: Callable[[str], int | None]) -> np.ndarray:
    """Levels of every position, (len(text), FIELDS) uint8, by the level of each span; None counts as 0."""
    found = np.zeros((len(text), FIELDS), np.uint8)
    for field, length in enumerate(LENGTHS):
        for start in range(len(text) - length + 1):
            value = level(text[start : start + length])
            if value:
                found[start, 2 * field] = value
                found[start + length - 1, 2 * field + 1] = value
    return found
