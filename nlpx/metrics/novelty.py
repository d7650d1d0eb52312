"""What the verses that a model composes are like, beside the corpus."""

from __future__ import annotations

from nlpx.metrics.base import Metric, ratios
from nlpx.metrics.examples import VerseExample


class Novelty(Metric[VerseExample]):
    """Of the verses composed, one for every row of the split:

        copied = share that stands in the training rows
        composed_distinct_n = different n-grams / n-grams, n = 1 and 2, inside lines
        composed_bigram = mean log p of a character, by the smoothed bigram model of the training rows
        row_bigram = the same of the rows of the split, to compare with

    The sets of different n-grams are kept in memory. Source: distinct: Li et al. 2016, arXiv 1510.03055.
    """

    def __init__(self) -> None:
        self._rows = self._copied = self._characters = self._composed_characters = 0
        self._bigram = self._row_bigram = 0.0
        self._seen: dict[int, set[str]] = {1: set(), 2: set()}
        self._total = {1: 0, 2: 0}

    def update(self, example: VerseExample) -> None:
        self._rows += 1
        self._copied += example.copied
        self._characters += len(example.text)
        self._composed_characters += sum(map(len, example.composed))
        self._bigram += example.composed_bigram
        self._row_bigram += example.row_bigram
        for n, seen in self._seen.items():
            for line in example.composed:
                found = [line[i : i + n] for i in range(len(line) - n + 1)]
                seen.update(found)
                self._total[n] += len(found)

    def result(self) -> dict[str, float]:
        return ratios(
            copied=(self._copied, self._rows),
            composed_distinct_1=(len(self._seen[1]), self._total[1]),
            composed_distinct_2=(len(self._seen[2]), self._total[2]),
            composed_bigram=(self._bigram, self._composed_characters),
            row_bigram=(self._row_bigram, self._characters),
        )
