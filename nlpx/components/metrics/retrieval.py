"""How often the nearest sentences mean the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from nlpx.components.metrics.base import Directions, Metric
from nlpx.components.metrics.example import Values
from nlpx.core.lazy import np

if TYPE_CHECKING:
    from nlpx.text.points import Points

CUTOFFS = (1, 5, 10)


class Retrieval(Metric):
    """How often one of the 1, 5, 10 nearest sentences is of the same group; mean reciprocal rank.

    rank = 1 + number of sentences of other groups that are as similar as the best of its own, or more

    hit_at_n is the share of ranks <= n, mrr the mean of 1 / rank. The sentence itself is left out. Sentences
    alone in their group are found by others, but do not ask. A tie counts against the model.

    Options: none.
    Shapes: four numbers a split, 0 to 1.
    Data: groups of synonyms; falls with the size of the split, so compare equal splits only.
    Relations: keeps the vectors of the split. With --reference, the same numbers for TF-IDF over characters
        and pairs of characters, fitted to the sentences of the split, among which each also stands that asks.
    Reference: kexue.fm archive 5743, where the sentence itself is taken to be its own nearest; Voorhees 1999
        (MRR).
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
        if not len(found):
            return {}
        hits = {f"hit_at_{n}": float((found <= n).mean()) for n in CUTOFFS}
        return {**hits, "mrr": float((1 / found).mean())}


def ranks(points: Points, groups: Sequence[str]) -> np.ndarray:
    """The rank of the first sentence of the same group for every sentence that is not alone in its group.

    Args:
        points: of all sentences.
        groups: of each.
    """
    _, number, sizes = np.unique(np.asarray(groups), return_inverse=True, return_counts=True)
    found = []
    for rows, scores in points.blocks(points):
        same = number[rows, None] == number
        inside = np.arange(rows.stop - rows.start)
        # The sentence itself is neither of its group nor of another.
        scores[inside, rows.start + inside] = -np.inf
        best = np.where(same, scores, -np.inf).max(1, keepdims=True)
        rank = 1 + np.count_nonzero(~same & (scores >= best), axis=1)
        found.append(rank[sizes[number[rows]] > 1])
    return np.concatenate(found)
