"""ROUGE of characters."""

from __future__ import annotations

from collections import Counter

from nlpx.metrics.base import Metric, ratios
from nlpx.metrics.examples import TitleExample


class Rouge(Metric[TitleExample]):
    """Mean over rows of the F1 of n-grams (n = 1, 2) and of the longest common subsequence, times 100.

    Reference: Lin 2004, with letters in lower case and without blanks; F1 weighs precision and recall alike.
    """

    def __init__(self) -> None:
        self._rows = 0
        self._sums = {"rouge_1": 0.0, "rouge_2": 0.0, "rouge_l": 0.0}

    def update(self, example: TitleExample) -> None:
        answer, reference = characters(example.answer), characters(example.reference)
        self._rows += 1
        self._sums["rouge_1"] += ngram_f1(answer, reference, 1)
        self._sums["rouge_2"] += ngram_f1(answer, reference, 2)
        self._sums["rouge_l"] += subsequence_f1(answer, reference)

    def result(self) -> dict[str, float]:
        return ratios(**{name: (100 * total, self._rows) for name, total in self._sums.items()})


def characters(text: str) -> str:
    """The characters that count: lower case, no blanks."""
    return "".join(text.lower().split())


def ngram_f1(answer: str, reference: str, n: int) -> float:
    """2 m / (a + r), with a and r the numbers of n-grams and m = sum of min(count, count) over n-grams."""
    ours, theirs = (
        Counter(text[i : i + n] for i in range(len(text) - n + 1)) for text in (answer, reference)
    )
    total = ours.total() + theirs.total()
    return 2 * (ours & theirs).total() / total if total else 0.0


def subsequence_f1(answer: str, reference: str) -> float:
    """2 m / (a + r), with a and r the lengths and m the length of a longest common subsequence."""
    total = len(answer) + len(reference)
    return 2 * common_subsequence(answer, reference) / total if total else 0.0


def common_subsequence(first: str, second: str) -> int:
    """The length of a longest common subsequence, by bit vectors (Hyyrö 2004).

    Bit i of `rising` is 0 where the table of the usual recursion rises between columns i and i + 1.
    """
    places: dict[str, int] = {}
    for i, character in enumerate(first):
        places[character] = places.get(character, 0) | 1 << i
    full = (1 << len(first)) - 1
    rising = full
    for character in second:
        matched = rising & places.get(character, 0)
        rising = ((rising + matched) | (rising - matched)) & full
    return len(first) - rising.bit_count()
