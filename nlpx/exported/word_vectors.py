"""Exported vectors of words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nlpx.exported.learner import Constants, Graphs

UNKNOWN = 0
"""A word that is no target."""


class ExportedWordVectors:
    """The inference methods of `VectorsLearner`.

    Args:
        graphs: none.
        constants: the tables `words` (U, D), and if there are any `contexts` (U, D), `bias` (U,), float32;
            `skip_gram` and `mean`, (), as in `VectorsModel`.

    Attributes:
        table: the vectors of all words but the unknown one, (N, D).

    Raises:
        ValueError: the tables do not fit each other.
    """

    def __init__(self, graphs: Graphs, constants: Constants) -> None:
        self._words = constants["words"]
        self._contexts = constants.get("contexts", self._words)
        self._bias = constants.get("bias", np.zeros(len(self._words), np.float32))
        self._skip_gram, self._mean = bool(constants["skip_gram"]), bool(constants["mean"])
        shapes = [table.shape for table in (self._words, self._contexts, self._bias)]
        if shapes != [self._words.shape, self._words.shape, self._words.shape[:1]]:
            raise ValueError(f"tables of the shapes {shapes}")
        self.table = self._words[1:]

    def looked_up(self, rows: Sequence[Any]) -> np.ndarray:
        """Rows of the table (...) -> (..., D)."""
        return self.table[np.array(rows)]

    def log_likelihood(self, batch: Mapping[str, np.ndarray]) -> tuple[float, int]:
        """The sum of log p over the targets of a batch, by the softmax over all words, and their number."""
        words, length = batch["word"], batch["reach"].shape[1]
        centres = slice((words.shape[1] - length) // 2, (words.shape[1] - length) // 2 + length)
        near, vectors = window(batch["text"], batch["reach"]), self._words[words]
        if self._skip_gram:
            scores = vectors[:, centres] @ self._contexts[words].swapaxes(1, 2) + self._bias[words][:, None]
            normalizer = _logsumexp(self._scores(vectors[:, centres]))[..., None]
            return float(((scores - normalizer) * near).sum(dtype=np.float64)), int(near.sum())
        sizes = near.sum(-1)
        hidden = near.astype(np.float32) @ vectors
        if self._mean:
            hidden /= np.maximum(sizes, 1)[..., None]
        scores = self._scores(hidden)
        own = np.take_along_axis(scores, words[:, centres, None], -1)[..., 0]
        found = (own - _logsumexp(scores)) * (sizes > 0)
        return float(found.sum(dtype=np.float64)), int((sizes > 0).sum())

    def _scores(self, hidden: np.ndarray) -> np.ndarray:
        """Of all words for h (..., D), (..., U)."""
        scores: np.ndarray = hidden @ self._contexts.T + self._bias
        scores[..., UNKNOWN] -= 1e9
        return scores


def window(text: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """Near positions of the same text, (B, L, S) bool, as the layer `window_mask`."""
    positions, length = text.shape[1], reach.shape[1]
    places = np.arange(positions)
    centres = places[(positions - length) // 2 :][:length]
    distance = np.abs(places - centres[:, None])
    same = text[:, None, :] == text[:, centres, None]
    return (distance > 0) & (distance <= reach[..., None]) & same


def _logsumexp(scores: np.ndarray) -> np.ndarray:
    highest = scores.max(-1, keepdims=True)
    return np.log(np.exp(scores - highest).sum(-1)) + highest[..., 0]
