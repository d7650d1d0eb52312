"""How often the nearest sentences mean the same."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nlpx.metrics.base import Metric
from nlpx.metrics.question_example import QuestionExample
from nlpx.text.points import Points

CUTOFFS = (1, 5, 10)


class Retrieval(Metric[QuestionExample]):
    """Every sentence looks for the others of its group among all sentences of the split but itself.

        rank_i = 1 + number of sentences of other groups that are as similar as the best of its own, or more

    hit_at_n is the share of ranks <= n, mrr the mean of 1 / rank. Sentences that are alone in their group are
    found by others, but do not ask. A tie counts against the model. It keeps the vectors of the split.

    Source: kexue.fm archive 5743, where the sentence itself is taken to be its own nearest.
    """

    def __init__(self) -> None:
        self._points: list[Points] = []
        self._groups: list[str] = []

    def update(self, example: QuestionExample) -> None:
        self._points.append(example.point)
        self._groups.append(example.group_id)

    def result(self) -> dict[str, float]:
        if not self._points:
            return {}
        found = ranks(Points.join(self._points), self._groups)
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
