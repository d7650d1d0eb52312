"""A linear-chain CRF by enumeration of all paths, in float64."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from scipy.special import logsumexp


@dataclass(frozen=True)
class AllPaths:
    """One row.

    Args:
        emissions: (n, K).
        transitions: (K, K), row from, column to; -inf forbids.
        start: (K,).
        stop: (K,).
    """

    emissions: np.ndarray
    transitions: np.ndarray
    start: np.ndarray
    stop: np.ndarray

    @cached_property
    def paths(self) -> np.ndarray:
        """(K^n, n)."""
        length, tags = self.emissions.shape
        return np.array(list(product(range(tags), repeat=length)), np.int64).reshape(tags**length, length)

    @cached_property
    def scores(self) -> np.ndarray:
        """f(y) of every path, (K^n,)."""
        paths = self.paths
        if not paths.shape[1]:
            return np.zeros(1)
        frames = np.asarray(self.emissions, np.float64)[np.arange(paths.shape[1]), paths].sum(1)
        moves = np.asarray(self.transitions, np.float64)[paths[:, :-1], paths[:, 1:]].sum(1)
        return self.start[paths[:, 0]] + frames + moves + self.stop[paths[:, -1]]

    @property
    def log_partition(self) -> float:
        return float(logsumexp(self.scores))

    @property
    def probabilities(self) -> np.ndarray:
        """Of every path, (K^n,)."""
        return np.exp(self.scores - self.log_partition)

    def score(self, tags: np.ndarray) -> float:
        return float(self.scores[(self.paths == tags).all(1)][0])

    def nll(self, tags: np.ndarray) -> float:
        return self.log_partition - self.score(tags)

    @property
    def marginals(self) -> np.ndarray:
        """(n, K)."""
        tags = np.arange(self.emissions.shape[1])
        return np.einsum("p,ptk->tk", self.probabilities, self.paths[..., None] == tags)

    @property
    def expected_transitions(self) -> np.ndarray:
        """(K, K)."""
        is_tag = self.paths[..., None] == np.arange(self.emissions.shape[1])
        return np.einsum("p,pti,ptj->ij", self.probabilities, is_tag[:, :-1], is_tag[:, 1:], dtype=float)

    @property
    def best(self) -> tuple[np.ndarray, float]:
        """The best path and its score; of equals the one with the lowest last tag, then last but one, ..."""
        score = self.scores.max()
        winners = self.paths[self.scores == score]
        return np.array(min(winners.tolist(), key=lambda path: path[::-1]), np.int64), float(score)
