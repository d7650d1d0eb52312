"""TF-IDF vectors over characters and pairs of characters."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from scipy.sparse import csr_matrix

SENTENCE = "\n"
"""Stands once in every sentence, so that its count is the number of sentences. No line can hold it."""


def terms(text: str) -> list[str]:
    """The characters and the pairs of neighbouring characters of a text."""
    return [*text, *map("".join, pairwise(text))]


def document_terms(text: str) -> list[str]:
    """What is counted for document frequencies: each term of a text once, and the mark of a sentence."""
    return [SENTENCE, *dict.fromkeys(terms(text))]


class Tfidf:
    """tf * idf of the terms of a text, as vectors of length 1: tf counts a term in the text,

        idf = log((1 + N) / (1 + df)) + 1

    with df sentences of the N counted ones that hold the term. Terms that none of them holds are left out.

    Args:
        terms: all terms, among them SENTENCE.
        counts: the number of sentences that hold each.

    Raises:
        ValueError: SENTENCE is not among the terms.

    Source: Sparck Jones 1972; smoothing as in scikit-learn.
    """

    def __init__(self, terms: Sequence[str], counts: Sequence[int]) -> None:
        self._ids = {term: i for i, term in enumerate(terms)}
        if SENTENCE not in self._ids:
            raise ValueError("the number of sentences was not counted")
        number = counts[self._ids[SENTENCE]]
        self._idf = np.log((1 + number) / (1 + np.asarray(counts, np.float64))) + 1

    def __call__(self, texts: Sequence[str]) -> csr_matrix:
        """Vectors of texts, sparse (n, number of terms) float32; 0 where a text has no known term."""
        columns: list[int] = []
        ends = [0]
        for text in texts:
            columns += [self._ids[term] for term in terms(text) if term in self._ids]
            ends.append(len(columns))
        shape = (len(texts), len(self._idf))
        matrix = csr_matrix((self._idf[columns], np.array(columns, np.int32), np.array(ends)), shape=shape)
        matrix.sum_duplicates()
        lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(1)).ravel())
        matrix.data /= np.repeat(np.maximum(lengths, np.finfo(np.float64).tiny), np.diff(matrix.indptr))
        return matrix.astype(np.float32)
