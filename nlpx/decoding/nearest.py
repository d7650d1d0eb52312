"""The best columns of a matrix of scores."""

from __future__ import annotations

from typing import Literal

import numpy as np


class Nearest:
    """The most similar sentences of a corpus, the best first; of equal ones, the earlier first.

    Args:
        neighbours: how many.
        lexical: weight of the lexical part of the scores, or that it is to be learned; for those who make
            the scores.
    """

    def __init__(self, neighbours: int = 5, lexical: float | Literal["learned"] = 0.0) -> None:
        self.neighbours = neighbours
        self.lexical = lexical

    def decode(self, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Columns and scores, each (n, min(neighbours, m)), of scores (n, m) float32."""
        count = min(self.neighbours, scores.shape[1])
        if count < scores.shape[1]:
            # The partition may cut through a tie anywhere: all that reach the last score are sorted.
            least = np.partition(scores, scores.shape[1] - count, axis=1)[:, -count]
        else:
            least = np.full(len(scores), -np.inf, scores.dtype)
        columns = np.empty((len(scores), count), np.int64)
        for row, (values, limit) in enumerate(zip(scores, least, strict=True)):
            reached = np.flatnonzero(values >= limit)
            columns[row] = reached[np.argsort(-values[reached], kind="stable")[:count]]
        return columns, np.take_along_axis(scores, columns, 1)
