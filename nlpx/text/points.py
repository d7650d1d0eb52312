"""Sentence vectors whose inner products measure similarity."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csc_matrix, csr_matrix, vstack

SCORES_AT_ONCE = 1 << 24
"""Limits the memory of a block of scores to 64 MiB."""


def cosines(products: np.ndarray) -> np.ndarray:
    """Inner products of vectors of length 1, clipped to [-1, 1] because of rounding."""
    return np.clip(products, -1, 1)


@dataclass(frozen=True)
class Points:
    """Vectors with a dense and a sparse part, whose inner products are added; a part may have width 0.

    Attributes:
        dense: (n, D) float32.
        sparse: (n, V) float32; in column format if they are only used for `scores` with others, which then
            reads only the columns that the others have.
    """

    dense: np.ndarray
    sparse: csr_matrix | csc_matrix

    @classmethod
    def of_dense(cls, dense: np.ndarray) -> Points:
        """Points without a sparse part."""
        return cls(dense, csr_matrix((len(dense), 0), dtype=np.float32))

    @classmethod
    def of_sparse(cls, sparse: csr_matrix) -> Points:
        """Points without a dense part."""
        return cls(np.zeros((sparse.shape[0], 0), np.float32), sparse)

    @classmethod
    def join(cls, parts: Sequence[Points]) -> Points:
        """The points of all parts, in order."""
        return cls(np.concatenate([part.dense for part in parts]), vstack([part.sparse for part in parts]))

    def weighted(self, weight: float) -> Points:
        """Scale the parts, so that inner products are weighted means of those of the parts.

        (dense + weight * sparse) / (1 + weight), which is in [-1, 1] if both are cosines. A weight of 0
        removes the sparse part.
        """
        return self._scaled((1 + weight) ** -0.5, (weight / (1 + weight)) ** 0.5)

    def asking(self, weight: float) -> Points:
        """The same for products with points that have no weight."""
        return self._scaled(1 / (1 + weight), weight / (1 + weight))

    def _scaled(self, dense: float, sparse: float) -> Points:
        if not sparse:
            return Points.of_dense(self.dense)
        return Points(self.dense * np.float32(dense), self.sparse * np.float32(sparse))

    def __len__(self) -> int:
        return len(self.dense)

    def __getitem__(self, rows: slice) -> Points:
        return Points(self.dense[rows], self.sparse[rows])

    def scores(self, others: Points) -> np.ndarray:
        """Inner products of every point with every other one, (n, m) float32."""
        products = self.dense @ others.dense.T
        if self.sparse.shape[1]:
            products += (self.sparse @ others.sparse.T).toarray()
        return products

    def scores_in_pairs(self, others: Points) -> np.ndarray:
        """Inner products of every point with the other one of the same place, (n,) float32."""
        products = np.einsum("nd,nd->n", self.dense, others.dense)
        if self.sparse.shape[1]:
            products += np.asarray(self.sparse.multiply(others.sparse).sum(1)).ravel()
        return products

    def blocks(self, others: Points) -> Iterator[tuple[slice, np.ndarray]]:
        """The same some rows at a time: which rows, and their scores."""
        step = max(1, SCORES_AT_ONCE // max(len(others), 1))
        for start in range(0, len(self), step):
            rows = slice(start, min(start + step, len(self)))
            yield rows, self[rows].scores(others)
