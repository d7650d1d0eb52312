"""What answers take from their texts, and say twice."""

from __future__ import annotations

from nlpx.metrics.base import Metric, ratios
from nlpx.metrics.examples import TitleExample


class Copying(Metric[TitleExample]):
    """copy_rate, novel_bigrams, repeated_trigrams: shares of the answers' n-grams; without_end: of answers.

    Reference: See et al. 2017, arXiv 1704.04368.
    """

    def __init__(self) -> None:
        self._rows = 0
        self._cut_off = 0
        self._characters = self._copied = 0
        self._bigrams = self._novel = 0
        self._trigrams = self._repeated = 0

    def update(self, example: TitleExample) -> None:
        answer, article = example.answer, example.article
        there = set(article)
        bigrams, trigrams = ([answer[i : i + n] for i in range(len(answer) - n + 1)] for n in (2, 3))
        self._rows += 1
        self._cut_off += not example.finished
        self._characters += len(answer)
        self._copied += sum(character in there for character in answer)
        self._bigrams += len(bigrams)
        self._novel += sum(bigram not in article for bigram in bigrams)
        self._trigrams += len(trigrams)
        self._repeated += len(trigrams) - len(set(trigrams))

    def result(self) -> dict[str, float]:
        return ratios(
            copy_rate=(self._copied, self._characters),
            novel_bigrams=(self._novel, self._bigrams),
            repeated_trigrams=(self._repeated, self._trigrams),
            without_end=(self._cut_off, self._rows),
        )
