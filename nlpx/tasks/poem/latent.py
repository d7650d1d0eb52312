"""Encode and decode any number of rows in batches of fixed shape and bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from nlpx.models.vae import AutoencoderLearner

LOGITS_PER_BATCH = 1 << 24
"""Limits the memory of a batch, whatever the vocabulary and the number of latent vectors."""


class LatentModel:
    """Maps rows (T,) to latent vectors (L,), and latent vectors to log-probabilities (T, V)."""

    def __init__(
        self, learner: AutoencoderLearner, *, latent: int, length: int, characters: int, batch_size: int
    ) -> None:
        self._learner = learner
        self.latent = latent
        self._length = length
        self._rows = max(1, min(batch_size, LOGITS_PER_BATCH // (length * characters)))

    def means(self, ids: Sequence[np.ndarray]) -> Iterator[np.ndarray]:
        """The mean (L,) of the posterior of each row."""
        for start in range(0, len(ids), self._rows):
            chunk = ids[start : start + self._rows]
            yield from self._learner.means(self._batch(chunk, self._rows))[: len(chunk)]

    def log_probs(self, z: np.ndarray) -> Iterator[np.ndarray]:
        """log p(x_t | z), (T, V) float32, for each latent vector of (N, L)."""
        for scores, count in self._decoded(z):
            yield from scores[:count]

    def opening_scores(self, z: np.ndarray, openings: Sequence[np.ndarray]) -> np.ndarray:
        """log p(opening | z) for each opening (ids) and latent vector, (openings, N)."""
        parts = []
        for scores, count in self._decoded(z):
            positions = [scores[:count, np.arange(len(ids)), ids].sum(1) for ids in openings]
            parts.append(np.array(positions))
        return np.concatenate(parts, 1)

    def measured(
        self, ids: Sequence[np.ndarray], noise: Iterable[np.ndarray], draws: int
    ) -> Iterator[Mapping[str, np.ndarray]]:
        """The result of `AutoencoderLearner.measure` for each row with noise (draws, L)."""
        size = max(1, self._rows // draws)
        noise = iter(noise)
        for start in range(0, len(ids), size):
            chunk = ids[start : start + size]
            eps = np.zeros((size, draws, self.latent), np.float32)
            eps[: len(chunk)] = list(islice(noise, len(chunk)))
            found = self._learner.measure(self._batch(chunk, size), eps)
            for row in range(len(chunk)):
                yield {name: values[row] for name, values in found.items()}

    def _decoded(self, z: np.ndarray) -> Iterator[tuple[np.ndarray, int]]:
        """Log-probabilities of a batch, and its number of real rows."""
        for start in range(0, len(z), self._rows):
            chunk = z[start : start + self._rows]
            padded = np.zeros((self._rows if len(z) > self._rows else len(chunk), self.latent), np.float32)
            padded[: len(chunk)] = chunk
            yield self._learner.log_probs(padded), len(chunk)

    def _batch(self, ids: Sequence[np.ndarray], size: int) -> dict[str, np.ndarray]:
        """`char` (size, T) int32 and `mask` (size, T); rows that are missing are empty."""
        batch = np.zeros((size, self._length), np.int32)
        mask = np.zeros((size, self._length), bool)
        for row, values in enumerate(ids):
            batch[row], mask[row] = values, True
        return {"char": batch, "mask": mask}
