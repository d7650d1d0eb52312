"""Character ROUGE."""

from __future__ import annotations

from collections import Counter
from typing import ClassVar, Literal

from nlpx.components.metrics.base import Directions, Metric, Terms
from nlpx.components.metrics.example import Values
from nlpx.components.metrics.ngrams import ngrams


class Rouge(Metric):
    """Character ROUGE-1, ROUGE-2 and ROUGE-L: the mean over records of F1 = 2 P R / (P + R), times 100.

    P and R are the proportions of the n-grams of the prediction and of the reference that match, with clipped
    counts; for L, of the characters of a longest common subsequence. Case is ignored and blanks are removed.

    Options: none.
    Shapes: three values per split, 0 to 100.
    Data: any text.
    Relations: text copied from the input scores well, so compare with `nlpx eval --reference`.
    Reference: Lin 2004.
    Example:
        metrics: [rouge]
    """

    needs: ClassVar[frozenset[str]] = frozenset({"reference_text", "predicted_text"})
    directions: ClassVar[Directions] = {"rouge_1": "max", "rouge_2": "max", "rouge_l": "max"}

    type: Literal["rouge"] = "rouge"

    def terms(self, example: Values) -> Terms:
        predicted, reference = characters(example.predicted_text), characters(example.reference_text)
        return {
            "rouge_1": (ngram_f1(predicted, reference, 1), 1),
            "rouge_2": (ngram_f1(predicted, reference, 2), 1),
            "rouge_l": (subsequence_f1(predicted, reference), 1),
        }

    def of_sums(self, sums: Terms) -> dict[str, float]:
        return {name: 100 * total / count for name, (total, count) in sums.items() if count}


def characters(text: str) -> str:
    """The text in lower case and without blanks."""
    return "".join(text.lower().split())


def ngram_f1(one: str, other: str, n: int) -> float:
    """2 m / (a + b), with a and b the numbers of n-grams and m = sum of min(count, count) over n-grams."""
    ours, theirs = Counter(ngrams(one, n)), Counter(ngrams(other, n))
    total = ours.total() + theirs.total()
    return 2 * (ours & theirs).total() / total if total else 0.0


def subsequence_f1(one: str, other: str) -> float:
    """2 m / (a + b), with a and b the lengths and m the length of a longest common subsequence."""
    total = len(one) + len(other)
    return 2 * common_subsequence(one, other) / total if total else 0.0


def common_subsequence(one: str, other: str) -> int:
    """The length of a longest common subsequence, by bit vectors (Hyyrö 2004).

    Bit i of `rising` is 0 if the table of the usual recursion increases between columns i and i + 1.
    """
    places: dict[str, int] = {}
    for i, character in enumerate(one):
        places[character] = places.get(character, 0) | 1 << i
    full = (1 << len(one)) - 1
    rising = full
    for character in other:
        matched = rising & places.get(character, 0)
        rising = ((rising + matched) | (rising - matched)) & full
    return len(one) - rising.bit_count()
