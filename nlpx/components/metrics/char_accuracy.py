"""Character accuracy."""

from __future__ import annotations

from operator import eq
from typing import ClassVar, Literal

from nlpx.components.metrics.base import Directions, Metric, Terms
from nlpx.components.metrics.example import Values


class CharAccuracy(Metric):
    """Share of positions where the predicted character is the reference character.

    Options: none.
    Shapes: one number a split.
    Data: predictions as long as their references; blanks are no positions.
    Relations: a good couplet may share no character with its reference: low values are normal.
    Reference: kexue.fm archive 6270.
    Example:
        metrics: [char_accuracy]
    """

    needs: ClassVar[frozenset[str]] = frozenset({"line", "reference_text"})
    directions: ClassVar[Directions] = {"char_accuracy": "max"}

    type: Literal["char_accuracy"] = "char_accuracy"

    def terms(self, example: Values) -> Terms:
        reference = example.reference_text
        return {"char_accuracy": (sum(map(eq, example.line, reference)), len(reference))}
