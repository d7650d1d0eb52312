"""How well the answers of a model follow the scores of a corpus."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nlpx.metrics.base import Metric
from nlpx.metrics.pair_example import PairExample


class Correlation(Metric[PairExample]):
    """Pearson's correlation of scores and answers, and Spearman's, that of their ranks.

    It keeps two numbers an example.

    Source: Spearman 1904.
    """

    def __init__(self) -> None:
        self._scores: list[float] = []
        self._answers: list[float] = []

    def update(self, example: PairExample) -> None:
        self._scores.append(example.score)
        self._answers.append(example.answer)

    def result(self) -> dict[str, float]:
        if not self._scores:
            return {}
        scores, answers = np.array(self._scores), np.array(self._answers)
        return {"spearman": spearman(scores, answers), "pearson": pearson(scores, answers)}


def ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 1, (n,) float64; equal values share the mean of their ranks.

    Args:
        values: (n,).
    """
    _, number, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[number]


def spearman(x: Sequence[float] | np.ndarray, y: Sequence[float] | np.ndarray) -> float:
    """The correlation of ranks, -1 to 1; 0 where all x or all y are equal.

    Args:
        x, y: numbers, (n,) each, n > 0.
    """
    return pearson(ranks(np.asarray(x)), ranks(np.asarray(y)))


def pearson(x: np.ndarray, y: np.ndarray) -> float:
    """sum (x - mean x)(y - mean y) / (|x - mean x| |y - mean y|), -1 to 1; 0 where all x or all y are equal.

    Args:
        x, y: numbers, (n,) each, n > 0.
    """
    x, y = (np.asarray(values, np.float64) for values in (x, y))
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return 0.0
    x, y = (values - values.mean() for values in (x, y))
    return float(np.clip(x @ y / (np.linalg.norm(x) * np.linalg.norm(y)), -1, 1))
