"""What answers take from their texts."""

from __future__ import annotations

from nlpx.metrics.base import Metric, ratios
from nlpx.metrics.examples import TitleExample


class Copying(Metric[TitleExample]):
    """copy_rate, novel_bigrams: shares of the answers' characters and bigrams; without_end: of answers.

    Reference: See et al. 2017, arXiv 1704.04368.
    """

    def __init__(self) -> None:
        self._rows = 0
        self._cut_off = 0
        self._characters = self._copied = 0
        self._bigrams = self._novel = 0

    def update(self, example: TitleExample) -> None:
        answer, article = example.answer, example.article
        there = set(article)
        bigrams = [answer[i : i + 2] for i in range(len(answer) - 1)]
        self._rows += 1
        self._cut_off += not example.finished
        self._characters += len(answer)
        self._copied += sum(character in there for character in answer)
        self._bigrams += len(bigrams)
        self._novel += sum(bigram not in article for bigram in bigrams)

    def result(self) -> dict[str, float]:
        return ratios(
            copy_rate=(self._copied, self._characters),
            novel_bigrams=(self._novel, self._bigrams),
            without_end=(self._cut_off, self._rows),
        )
