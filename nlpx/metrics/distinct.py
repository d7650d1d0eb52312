"""Variety of the answers."""

from __future__ import annotations

from nlpx.metrics.base import Metric, ratios
from nlpx.metrics.examples import CoupletExample


class Distinct(Metric[CoupletExample]):
    """distinct_n = different n-grams of all answers / n-grams of all answers, n = 1 and 2.

    N-grams are of characters without the blanks and do not cross lines. The sets of different ones are kept
    in memory.
    Reference: Li et al. 2016, arXiv 1510.03055.
    """

    def __init__(self) -> None:
        self._seen: dict[int, set[str]] = {1: set(), 2: set()}
        self._total = {1: 0, 2: 0}

    def update(self, example: CoupletExample) -> None:
        answer = example.bare.answer
        for n, seen in self._seen.items():
            found = [answer[i : i + n] for i in range(len(answer) - n + 1)]
            seen.update(found)
            self._total[n] += len(found)

    def result(self) -> dict[str, float]:
        return ratios(
            distinct_1=(len(self._seen[1]), self._total[1]), distinct_2=(len(self._seen[2]), self._total[2])
        )
