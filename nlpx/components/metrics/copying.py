"""What predictions take from their texts, and say twice."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.metrics.base import Directions, Metric, Terms
from nlpx.components.metrics.example import Values
from nlpx.components.metrics.ngrams import ngrams


class Copying(Metric):
    """How a prediction relates to its text, whether it repeats itself, and whether it ends.

    copy_rate: share of the predictions' characters that occur in their texts; novel_bigrams: share of their
    bigrams of characters that do not; repeated_trigrams: share of trigrams that occur earlier in the same
    prediction; without_end: share of predictions that were cut off at the greatest length.

    Options: none.
    Shapes: four numbers a split, 0 to 1.
    Data: texts and what is written about them.
    Relations: the first characters of a text have copy_rate 1 and novel_bigrams 0.
    Reference: See et al. 2017, arXiv 1704.04368.
    Example:
        metrics: [rouge, copying]
    """

    needs: ClassVar[frozenset[str]] = frozenset({"source_text", "predicted_text", "finished"})
    directions: ClassVar[Directions] = {
        "copy_rate": "max",
        "novel_bigrams": "max",
        "repeated_trigrams": "min",
        "without_end": "min",
    }

    type: Literal["copying"] = "copying"

    def terms(self, example: Values) -> Terms:
        text, predicted = example.source_text, example.predicted_text
        there = set(text)
        bigrams, trigrams = ngrams(predicted, 2), ngrams(predicted, 3)
        return {
            "copy_rate": (sum(character in there for character in predicted), len(predicted)),
            "novel_bigrams": (sum(bigram not in text for bigram in bigrams), len(bigrams)),
            "repeated_trigrams": (len(trigrams) - len(set(trigrams)), len(trigrams)),
            "without_end": (not example.finished, 1),
        }
