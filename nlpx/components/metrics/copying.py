"""Copying and repetition."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.metrics.base import Directions, Metric, Terms
from nlpx.components.metrics.example import Values
from nlpx.components.metrics.ngrams import ngrams


class Copying(Metric):
    """How much predictions copy from their input and repeat themselves, and how many do not end.

    copy_rate: proportion of predicted characters that occur in the input; novel_bigrams: proportion of
    predicted character bigrams that do not; repeated_trigrams: proportion of trigrams that occur earlier in
    the same prediction; without_end: proportion of predictions that were truncated at the maximum length.

    Options: none.
    Shapes: four values per split, 0 to 1.
    Data: texts with generated summaries or titles.
    Relations: the beginning of a text has copy_rate 1 and novel_bigrams 0.
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
