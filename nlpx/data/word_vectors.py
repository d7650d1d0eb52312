"""Vectors of words: nearest neighbours, cosines, and a map of two dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

AT_ONCE = 1024
"""Vectors that are compared with all words together."""


@dataclass(frozen=True, eq=False)
class WordVectors:
    """Words with their vectors.

    Attributes:
        tokens: the words, by falling frequency.
        vectors: (N, D) float32.
    """

    tokens: Sequence[str]
    vectors: np.ndarray

    @cached_property
    def ids(self) -> dict[str, int]:
        """The row of each word."""
        return {token: row for row, token in enumerate(self.tokens)}

    @cached_property
    def units(self) -> np.ndarray:
        """The vectors scaled to length 1; a zero vector stays zero."""
        lengths = np.linalg.norm(self.vectors, axis=1, keepdims=True)
        return self.vectors / np.where(lengths > 0, lengths, 1)

    def cosines(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Cosines of the words of two arrays of rows."""
        return np.einsum("nd,nd->n", self.units[first], self.units[second])

    def neighbours(
        self, vectors: np.ndarray, count: int, without: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """The words with the largest cosines, of equal ones the more frequent first.

        Args:
            vectors: (n, D).
            count: number of words.
            without: rows that are left out, (n, m).

        Returns:
            Rows and cosines, each (n, count).
        """
        count = min(count, len(self.tokens))
        rows, cosines = [], []
        for start in range(0, len(vectors), AT_ONCE):
            part = vectors[start : start + AT_ONCE]
            lengths = np.linalg.norm(part, axis=1, keepdims=True)
            scores = (part / np.where(lengths > 0, lengths, 1)) @ self.units.T
            np.put_along_axis(scores, without[start : start + AT_ONCE], -np.inf, 1)
            best = np.argsort(-scores, axis=1, kind="stable")[:, :count]
            rows.append(best)
            cosines.append(np.take_along_axis(scores, best, 1))
        return np.concatenate(rows), np.concatenate(cosines)


def principal_plane(vectors: np.ndarray) -> np.ndarray:
    """Vectors (N, D) projected on their two principal components, (N, 2); the sign is that of the first one
    with the largest coordinate."""
    centred = (vectors - vectors.mean(0)).astype(np.float64)
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    plane = np.zeros((len(vectors), 2))
    found = centred @ directions[:2].T
    plane[:, : found.shape[1]] = found
    largest = plane[np.abs(plane).argmax(0), [0, 1]]
    signed: np.ndarray = plane * np.where(largest < 0, -1.0, 1.0)
    return signed
