"""TF-IDF vectors over characters and character bigrams."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix

FORMAT = 1
"""Version of the vectors and of the file format; increase it when either changes."""
PAIR_WEIGHT = 0.5
AT_ONCE = 1 << 14
"""Number of texts whose terms are in memory at the same time."""
BITS = 21
"""Bits of a code point, and of the code point of a second character plus 1."""


class Tfidf:
    """Vectors of length 1 with elements tf * idf. The terms are characters and character bigrams.

        tf  = 1 + log(occurrences in the text), halved for bigrams
        idf = log((1 + N) / (1 + df)) + 1

    where df of the N sentences of a corpus contain the term. Terms that do not occur in the corpus are
    ignored. The order of the sentences does not matter; duplicates are counted.

    Args:
        terms: terms of the corpus as ascending numbers, (V,) int64.
        counts: df of each term, (V,).
        number: N.

    Source: Sparck Jones 1972; smoothing and logarithm as in scikit-learn.
    """

    def __init__(
        self, terms: np.ndarray, counts: np.ndarray, number: int, normalized: Callable[[str], str] = str
    ) -> None:
        self.number = number
        self._terms = terms
        self._counts = counts
        self._ending = np.append(terms, -1)  # the last element differs from all terms
        self._normalized = normalized
        idf = np.log((1 + number) / (1 + np.asarray(counts, np.float64))) + 1
        second = terms & ((1 << BITS) - 1)  # 0 for single characters
        self._weights = np.where(second, PAIR_WEIGHT * idf, idf)

    @classmethod
    def fit(cls, texts: Sequence[str], normalized: Callable[[str], str] = str) -> Tfidf:
        """Compute the document frequencies of a corpus, AT_ONCE texts at a time."""
        terms, counts = np.zeros(0, np.int64), np.zeros(0, np.int64)
        for start in range(0, len(texts), AT_ONCE):
            _, found, _ = _count([normalized(text) for text in texts[start : start + AT_ONCE]])
            terms, place = np.unique(np.concatenate([terms, found]), return_inverse=True)
            known = np.bincount(place[: len(counts)], counts, minlength=len(terms)).astype(np.int64)
            counts = known + np.bincount(place[len(counts) :], minlength=len(terms))
        return cls(terms, counts, len(texts), normalized)

    def __call__(self, texts: Sequence[str]) -> csr_matrix:
        """Vectors of texts, sparse (n, V) float32; 0 for a text without known terms."""
        columns, values, sizes = [np.zeros(0, np.int32)], [np.zeros(0, np.float32)], [np.zeros(1, np.int64)]
        for start in range(0, len(texts), AT_ONCE):
            part = [self._normalized(text) for text in texts[start : start + AT_ONCE]]
            rows, terms, occurrences = _count(part)
            places = np.searchsorted(self._terms, terms)
            known = self._ending[places] == terms
            rows, places, occurrences = rows[known], places[known], occurrences[known]
            weights = (1 + np.log(occurrences)) * self._weights[places]
            lengths = np.sqrt(np.bincount(rows, weights**2, minlength=len(part)))
            columns.append(places.astype(np.int32))
            values.append((weights / lengths[rows]).astype(np.float32))
            sizes.append(np.bincount(rows, minlength=len(part)))
        bounds = np.cumsum(np.concatenate(sizes))
        matrix = np.concatenate(values), np.concatenate(columns), bounds
        return csr_matrix(matrix, shape=(len(texts), len(self._terms)))

    @property
    def signature(self) -> str:
        """A description of the vectors."""
        return (
            "characters and bigrams, 1 + log tf, "
            f"document frequencies of the {self.number} sentences searched"
        )

    def save(self, path: Path) -> None:
        """Write FORMAT, N, V, terms and counts, 8 bytes per number."""
        with path.open("wb") as file:
            for part in ([FORMAT, self.number, len(self._terms)], self._terms, self._counts):
                file.write(np.ascontiguousarray(part, np.int64).data)

    @classmethod
    def load(cls, path: Path, number: int, normalized: Callable[[str], str] = str) -> Tfidf | None:
        """Map the file written by `save`; None if it is missing, damaged, or of another number of texts."""
        if not path.is_file() or not path.stat().st_size or path.stat().st_size % 8:
            return None
        numbers = np.asarray(np.memmap(path, np.int64, "r"))
        size = (len(numbers) - 3) // 2
        if len(numbers) != 3 + 2 * size or numbers[:3].tolist() != [FORMAT, number, size]:
            return None
        terms, counts = np.split(numbers[3:], 2)
        if size and (counts.min() < 1 or counts.max() > number or np.diff(terms).min(initial=1) < 1):
            return None
        return cls(terms, counts, number, normalized)


def _count(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The distinct terms of at most AT_ONCE texts, ascending: rows, terms, occurrences, (m,) int64 each."""
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), "<u4").astype(np.int64)
    rows = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    # Pack row, first character, and second character plus 1 into a number, so one sort finds duplicates.
    singles = (rows << 2 * BITS) | (codes << BITS)
    pairs = (singles[:-1] | (codes[1:] + 1))[rows[:-1] == rows[1:]]
    found, occurrences = np.unique(np.concatenate([singles, pairs]), return_counts=True)
    return found >> 2 * BITS, found & ((1 << 2 * BITS) - 1), occurrences
