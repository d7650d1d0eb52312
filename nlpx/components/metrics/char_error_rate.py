"""Character error rate."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.metrics.base import Directions, Metric, Terms
from nlpx.components.metrics.example import Values
from nlpx.text.edit_distance import edit_distance


class CharErrorRate(Metric):
    """Edit distance of prediction and reference, divided by the number of characters of the references.

    sum over records of (insertions + deletions + replacements) / sum of reference characters

    Options: none.
    Shapes: one value per split, 0 for no error; insertions can make it larger than 1.
    Data: predictions that should equal their references, such as recognized lines; all characters count.
    Relations: the measure of text recognition. Where many predictions are right, use bleu or rouge.
    Reference: Levenshtein 1966; the algorithm is that of Hyyrö 2003.
    Example:
        metrics: [char_error_rate]
    """

    needs: ClassVar[frozenset[str]] = frozenset({"reference_text", "predicted_text"})
    directions: ClassVar[Directions] = {"char_error_rate": "min"}

    type: Literal["char_error_rate"] = "char_error_rate"

    def terms(self, example: Values) -> Terms:
        reference = example.reference_text
        return {"char_error_rate": (edit_distance(example.predicted_text, reference), len(reference))}
