"""What every metric is: fed one example at a time, asked for its numbers at the end."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Generic, TypeVar

ExampleT = TypeVar("ExampleT")


class Metric(ABC, Generic[ExampleT]):
    """A running measurement of one split. It keeps sums, not examples.

    Attributes:
        signature: how the numbers were computed, where that needs saying.
    """

    signature: str = ""

    @abstractmethod
    def update(self, example: ExampleT) -> None:
        """Count one example."""

    @abstractmethod
    def result(self) -> dict[str, float]:
        """The numbers so far, by name. A ratio of which nothing was counted (0 / 0) is left out."""

    def files(self) -> Mapping[str, str]:
        """What an evaluation writes beside its numbers: the text of every file, by name."""
        return {}


def ratios(**counts: tuple[float, float]) -> dict[str, float]:
    """name=(numerator, denominator) -> name: quotient, without those whose denominator is 0."""
    return {name: over / under for name, (over, under) in counts.items() if under}
