"""Retrieval of sentences with the same meaning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from nlpx.components.metrics.base import Directions, Metric
from nlpx.components.metrics.example import Values
from nlpx.components.metrics.resampled import RowValues
from nlpx.core.lazy import np

if TYPE_CHECKING:
    from nlpx.text.points import Points

CUTOFFS = (1, 5, 10)


class Retrieval(Metric):
    """Hit rate: one of the 1, 5, 10 nearest sentences is in the same group; mean reciprocal rank.

    rank = 1 + number of sentences of other groups that are at least as similar as the best of its own group

    hit_at_n is the proportion of ranks <= n, mrr the mean of 1 / rank. The query itself is excluded.
    Sentences alone in their group can be found, but are not used as queries. Ties count against the model.

    Options: none.
    Shapes: four values per split, 0 to 1.
    Data: groups of paraphrases. The values decrease with the size of the split, so only compare results on
        the same split.
    Relations: keeps the vectors of the split in memory. --reference adds the values for TF-IDF over
        characters and bigrams, fitted to all sentences of the split, including the query.
    Reference: kexue.fm archive 5743, which assumes that the nearest sentence is the query itself; Voorhees
        1999 (MRR).
    Example:
        metrics: [retrieval]
    """

    needs: ClassVar[frozenset[str]] = frozenset({"ranking"})
    directions: ClassVar[Directions] = {
        "mrr": "max",
        "hit_at_1": "max",
        "hit_at_5": "max",
        "hit_at_10": "max",
    }

    type: Literal["retrieval"] = "retrieval"

    _ranked: list[tuple[Points, str]] = []

    def update(self, example: Values) -> None:
        self._ranked.append(example.ranking)

    def result(self) -> dict[str, float]:
        from nlpx.text.points import Points

        if not self._ranked:
            return {}
        points, groups = zip(*self._ranked, strict=True)
        found = ranks(Points.join(points), groups)
        return {name: float(column.mean()) for name, column in _columns(found).items()} if len(found) else {}

    def resampled(self) -> RowValues | None:
        """The values of queries among all sentences, as a sentence that is drawn twice would find itself.

        Groups are drawn whole, because the queries of a group are not independent.
        """
        from nlpx.text.points import Points

        if not self._ranked:
            return None
        points, groups = zip(*self._ranked, strict=True)
        asked = queries(groups)
        columns = {}
        for name, column in _columns(ranks(Points.join(points), groups)).items():
            columns[name] = np.full(len(groups), np.nan)
            columns[name][asked] = column
        return RowValues(columns, np.unique(np.asarray(groups), return_inverse=True)[1])


def _columns(found: np.ndarray) -> dict[str, np.ndarray]:
    """The values of queries with these ranks, by name."""
    return {**{f"hit_at_{n}": (found <= n).astype(np.float64) for n in CUTOFFS}, "mrr": 1 / found}


def queries(groups: Sequence[str]) -> np.ndarray:
    """Which sentences are not alone in their group, (n,) bool."""
    _, number, sizes = np.unique(np.asarray(groups), return_inverse=True, return_counts=True)
    asked: np.ndarray = sizes[number] > 1
    return asked


def ranks(points: Points, groups: Sequence[str]) -> np.ndarray:
    """The rank of the first sentence of the same group for every sentence that is not alone in its group."""
    _, number, sizes = np.unique(np.asarray(groups), return_inverse=True, return_counts=True)
    found = []
    for rows, scores in points.blocks(points):
        same = number[rows, None] == number
        inside = np.arange(rows.stop - rows.start)
        # Exclude the query itself.
        scores[inside, rows.start + inside] = -np.inf
        best = np.where(same, scores, -np.inf).max(1, keepdims=True)
        rank = 1 + np.count_nonzero(~same & (scores >= best), axis=1)
        found.append(rank[sizes[number[rows]] > 1])
    return np.concatenate(found)
