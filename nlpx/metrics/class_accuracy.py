"""How many pictures get their class."""

from __future__ import annotations

from nlpx.metrics.base import Metric, ratios
from nlpx.metrics.examples import PictureExample

TOP = 5


class ClassAccuracy(Metric[PictureExample]):
    """Right answers / pictures: of the blend, of either head, and of the five best of the blend."""

    def __init__(self) -> None:
        self._right = self._main = self._aux = self._top = self._pictures = 0

    def update(self, example: PictureExample) -> None:
        self._pictures += 1
        self._right += example.answer == example.reference
        self._main += example.main == example.reference
        self._aux += example.aux == example.reference
        self._top += example.rank <= TOP
        self.signature = f"blend with alpha {example.alpha:.2f}"

    def result(self) -> dict[str, float]:
        return ratios(
            accuracy=(self._right, self._pictures),
            main_accuracy=(self._main, self._pictures),
            aux_accuracy=(self._aux, self._pictures),
            top_5_accuracy=(self._top, self._pictures),
        )
