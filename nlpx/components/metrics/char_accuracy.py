"""Character accuracy."""

from __future__ import annotations

from operator import eq
from typing import ClassVar, Literal

from nlpx.components.metrics.base import Directions, Metric, Terms
from nlpx.components.metrics.example import Values


class CharAccuracy(Metric):
    """Proportion of positions at which the predicted character equals the reference character.

    Options: none.
    Shapes: one value per split.
    Data: predictions with the same length as their references; blanks are ignored.
    Relations: low values are normal, because a good couplet may share no character with its reference.
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
