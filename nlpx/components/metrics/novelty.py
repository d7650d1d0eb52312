"""Comparison of generated verses with the corpus."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.metrics.base import Directions, Metric, Terms
from nlpx.components.metrics.example import Values
from nlpx.components.metrics.ngrams import added, ngrams


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

    of_split: ClassVar[frozenset[str]] = frozenset({"composed_distinct_1", "composed_distinct_2"})

    type: Literal["novelty"] = "novelty"

    _seen: set[str] = set()

    def terms(self, example: Values) -> Terms:
        made, near = example.generated, example.familiarity
        unigrams, bigrams = ([gram for line in made for gram in ngrams(line, n)] for n in (1, 2))
        return {
            "copied": (near.copied, 1),
            "composed_distinct_1": added(self._seen, unigrams),
            "composed_distinct_2": added(self._seen, bigrams),
            "composed_bigram": (near.composed_bigram, len(unigrams)),
            "row_bigram": (near.row_bigram, len(example.source_text)),
        }
