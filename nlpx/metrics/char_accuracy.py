"""Character accuracy."""

from __future__ import annotations

from operator import eq

from nlpx.metrics.base import Metric, ratios
from nlpx.metrics.examples import CoupletExample


class CharAccuracy(Metric[CoupletExample]):
    """char_accuracy = positions where answer and reference agree / positions. Blanks are no positions."""

    def __init__(self) -> None:
        self._equal = 0
        self._positions = 0

    def update(self, example: CoupletExample) -> None:
        example = example.bare
        self._equal += sum(map(eq, example.answer, example.reference))
        self._positions += len(example.reference)

    def result(self) -> dict[str, float]:
        return ratios(char_accuracy=(self._equal, self._positions))
