"""Comparison of generated verses with the corpus."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.metrics.base import Directions, Metric, Terms
from nlpx.components.metrics.example import Values
from nlpx.components.metrics.ngrams import DistinctCount, ngrams
from nlpx.components.metrics.resampled import RowValues


class Novelty(Metric):
    """Generated verses: proportion copied from the training split, diversity, and bigram log-likelihood.

    composed_distinct_n is the proportion of distinct n-grams within lines, n = 1 and 2. composed_bigram is
    the mean log-likelihood per character in nats under a bigram model of the training split (absolute
    discounting); row_bigram is that of the records of the split for comparison. Higher is not always better,
    because verses of common words score higher than real ones.

    Options: none.
    Shapes: five values per split.
    Data: one verse is generated for every record, from a latent vector that depends only on its text.
    Relations: depends on the decoder of the config and its temperature. The proportions of distinct n-grams
        decrease with the size of the split, so only compare results on the same split. They are kept in
        memory.
    Reference: Li et al. 2016, arXiv 1510.03055 (distinct); Ney et al. 1994 (discounting).
    Example:
        metrics: [novelty]
    """

    needs: ClassVar[frozenset[str]] = frozenset({"generated", "familiarity", "source_text"})
    directions: ClassVar[Directions] = {
        "copied": "min",
        "composed_distinct_1": "max",
        "composed_distinct_2": "max",
        "composed_bigram": "max",
        "row_bigram": "max",
    }

    sized: ClassVar[frozenset[str]] = frozenset({"composed_distinct_1", "composed_distinct_2"})

    type: Literal["novelty"] = "novelty"

    _counts: dict[str, DistinctCount] = {}

    def terms(self, example: Values) -> Terms:
        near = example.familiarity
        return {
            "copied": (near.copied, 1),
            "composed_bigram": (near.composed_bigram, sum(map(len, example.generated))),
            "row_bigram": (near.row_bigram, len(example.source_text)),
        }

    def update(self, example: Values) -> None:
        super().update(example)
        for n in (1, 2):
            counts = self._counts.setdefault(f"composed_distinct_{n}", DistinctCount())
            counts.add([gram for line in example.generated for gram in ngrams(line, n)])

    def result(self) -> dict[str, float]:
        distinct = {name: counts.value for name, counts in self._counts.items()}
        found = {**super().result(), **distinct}
        return {name: value for name in self.directions if (value := found.get(name)) is not None}

    def resampled(self) -> RowValues:
        columns = {name: counts.of_rows() for name, counts in self._counts.items()}
        return RowValues({name: column for name, column in columns.items() if len(column)})
