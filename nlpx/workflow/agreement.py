"""Whether two predictions agree: the same decisions, and numbers within a tolerance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

TOLERANCE = 1e-3
"""Of a number, relative to its size above 1: scores are sums over positions in float32."""

PIXELS = "pixels"
"""The key of levels of grey or colour. They are rounded numbers, of which neighbours agree."""


def decisions(value: object) -> object:
    """All of a value but its floating-point numbers, which become their type."""
    if isinstance(value, float):
        return float
    if isinstance(value, Mapping):
        return {key: decisions(_levels(item) if key == PIXELS else item) for key, item in value.items()}
    return [decisions(item) for item in value] if isinstance(value, list | tuple) else value


def numbers(value: object) -> list[float]:
    """The floating-point numbers of a value, in order."""
    if isinstance(value, float):
        return [value]
    items: object = value
    if isinstance(value, Mapping):
        items = [_levels(item) if key == PIXELS else item for key, item in value.items()]
    if not isinstance(items, list | tuple):
        return []
    return [number for item in items for number in numbers(item)]


def _levels(value: object) -> object:
    """Levels as numbers whose difference is less than the tolerance if they are neighbours."""
    if isinstance(value, list):
        return [_levels(item) for item in value]
    return value * 0.9 * TOLERANCE if isinstance(value, int) else value


def close(first: Sequence[float], second: Sequence[float]) -> bool:
    """Whether numbers agree within the tolerance; those that are not finite must be the same."""
    return len(first) == len(second) and all(
        a == b or (math.isnan(a) and math.isnan(b)) or abs(a - b) <= TOLERANCE * max(1.0, abs(b)) < math.inf
        for a, b in zip(first, second, strict=True)
    )


def same_decisions(first: object, second: object) -> bool:
    """Whether two values have the same decisions."""
    return decisions(first) == decisions(second)


def agree(first: object, second: object) -> bool:
    """Whether two values have the same decisions, and close numbers."""
    return same_decisions(first, second) and close(numbers(first), numbers(second))
