"""Correlation of predicted scores with reference scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from nlpx.components.metrics.base import Directions, Metric
from nlpx.components.metrics.example import Values
from nlpx.components.metrics.resampled import Resampled, tied
from nlpx.core.lazy import np


class Correlation(Metric):
    """Rank correlation (spearman) and linear correlation (pearson) of predicted and reference scores.

    spearman is the correlation of ranks; tied values get their mean rank.

    Options: none.
    Shapes: two values per split, -1 to 1; 0 if all reference scores or all predicted scores are equal.
    Data: scored pairs.
    Relations: --reference adds the values for TF-IDF over characters and bigrams, fitted to the distinct
        sentences of the pairs.
    Reference: Spearman 1904; the measures of STS-B: Cer et al. 2017, arXiv 1708.00055.
    Example:
        data: {source: {type: builtin, name: similarity_pairs}}
        loss: cosent
        metrics: [correlation]
    """

    needs: ClassVar[frozenset[str]] = frozenset({"score", "predicted_score"})
    directions: ClassVar[Directions] = {"spearman": "max", "pearson": "max"}

    type: Literal["correlation"] = "correlation"

    _pairs: list[tuple[float, float]] = []

    def update(self, example: Values) -> None:
        self._pairs.append((example.score, example.predicted_score))

    def result(self) -> dict[str, float]:
        if not self._pairs:
            return {}
        scores, predicted = np.array(self._pairs).T
        return {"spearman": spearman(scores, predicted), "pearson": pearson(scores, predicted)}

    def resampled(self) -> Resampled | None:
        return DrawnCorrelations(*np.array(self._pairs).T) if self._pairs else None


class DrawnCorrelations(Resampled):
    """Both correlations of drawn pairs.

    Args:
        scores, predicted: two numbers of every row.
    """

    def __init__(self, scores: np.ndarray, predicted: np.ndarray) -> None:
        self._columns = scores, predicted
        self._sorted = tied(scores), tied(predicted)

    def values(self, counts: np.ndarray) -> dict[str, np.ndarray]:
        first, second = (_drawn_ranks(counts, *each) for each in self._sorted)
        return {
            "spearman": _weighted_pearson(first, second, counts),
            "pearson": _weighted_pearson(*self._columns, counts),
        }


def _drawn_ranks(counts: np.ndarray, order: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """The mean rank of every row among drawn rows, (draws, rows)."""
    tied = np.add.reduceat(counts[:, order], starts, axis=1)
    ranks = tied.cumsum(1) - tied + (tied + 1) / 2
    sizes = np.diff(np.append(starts, len(order)))
    found = np.empty(counts.shape)
    found[:, order] = np.repeat(ranks, sizes, axis=1)
    return found


def _weighted_pearson(x: np.ndarray, y: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """The linear correlation of drawn pairs, (draws,); 0 where all drawn numbers of a kind are equal."""
    total = counts.sum(1, keepdims=True)
    x, y = (column - (counts * column).sum(1, keepdims=True) / total for column in (x, y))
    product, first, second = ((counts * a * b).sum(1) for a, b in ((x, y), (x, x), (y, y)))
    scale = np.sqrt(first * second)
    varies = scale > 1e-12 * total[:, 0]
    return np.where(varies, product / np.where(varies, scale, 1), 0.0)


def spearman(x: Sequence[float] | np.ndarray, y: Sequence[float] | np.ndarray) -> float:
    """The linear correlation of the ranks of two lists of numbers; tied values get their mean rank."""
    from scipy.stats import rankdata

    return pearson(rankdata(x), rankdata(y))


def pearson(x: Sequence[float] | np.ndarray, y: Sequence[float] | np.ndarray) -> float:
    """The linear correlation of two lists of numbers, -1 to 1."""
    from scipy.stats import pearsonr

    if np.ptp(x) == 0 or np.ptp(y) == 0:
        # Undefined. 0 is a useful value for a model that gives all pairs the same score.
        return 0.0
    return float(pearsonr(x, y).statistic)
