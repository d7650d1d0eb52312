"""TF-IDF vectors over character n-grams."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix

MIN_TEXTS = 2
"""Rarer n-grams are ignored."""


class NgramTfidf:
    """Vectors of length 1 with elements (1 + log(occurrences in the text)) * (log((1 + N) / (1 + df)) + 1).

    Args:
        texts: N texts, of which df contain an n-gram.
        longest: maximum n.
    """

    def __init__(self, texts: Sequence[str], longest: int) -> None:
        self._longest = longest
        counts = Counter(gram for text in texts for gram in self._grams(text))
        grams = [gram for gram, count in counts.items() if count >= MIN_TEXTS]
        self._columns = {gram: column for column, gram in enumerate(grams)}
        self._idf = np.array([np.log((1 + len(texts)) / (1 + counts[gram])) + 1 for gram in grams])

    def _grams(self, text: str) -> Counter[str]:
        sizes = range(1, self._longest + 1)
        return Counter(text[i : i + size] for size in sizes for i in range(len(text) - size + 1))

    def __call__(self, texts: Sequence[str]) -> csr_matrix:
        """Sparse (n, number of n-grams) float64; 0 for a text without known n-grams."""
        columns: list[int] = []
        occurrences: list[int] = []
        bounds = [0]
        for text in texts:
            known = {gram: count for gram, count in self._grams(text).items() if gram in self._columns}
            columns += [self._columns[gram] for gram in known]
            occurrences += known.values()
            bounds.append(len(columns))
        values = (1 + np.log(np.array(occurrences, float))) * self._idf[columns]
        rows = np.repeat(np.arange(len(texts)), np.diff(bounds))
        lengths = np.sqrt(np.bincount(rows, values**2, minlength=len(texts)))
        return csr_matrix((values / lengths[rows], columns, bounds), (len(texts), len(self._idf)))
