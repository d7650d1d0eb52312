"""Whether two predictions agree: the same decisions, and numbers within a tolerance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, ValuesView

TOLERANCE = 1e-3
"""Of a number, relative to its size above 1: scores are sums over positions in float32."""


def decisions(value: object) -> object:
    """All of a value but its floating-point numbers, which become their type."""
    if isinstance(value, float):
        return float
    if isinstance(value, Mapping):
        return {key: decisions(item) for key, item in value.items()}
    return [decisions(item) for item in value] if isinstance(value, list | tuple) else value


def numbers(value: object) -> list[float]:
    """The floating-point numbers of a value, in order."""
    if isinstance(value, float):
        return [value]
    items = value.values() if isinstance(value, Mapping) else value
    if not isinstance(items, list | tuple | ValuesView):
        return []
    return [number for item in items for number in numbers(item)]


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
