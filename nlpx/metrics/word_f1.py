"""Word precision, recall and F1."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate, pairwise

from nlpx.metrics.base import Metric, ratios
from nlpx.metrics.examples import SegmentationExample


class WordF1(Metric[SegmentationExample]):
    """Words as spans of characters, counted over all sentences (Sproat and Emerson 2003; Emerson 2005).

        tp = spans that reference and answer share
        precision = tp / words of the answer,  recall = tp / words of the reference
        f1 = 2 tp / (words of the answer + words of the reference)
        oov_recall, iv_recall = recall of the reference words outside, inside the words of the training rows
        set_recall = sum |set(reference) & set(answer)| / sum |set(reference)|    (kexue.fm archive 5542)

    Args:
        author_set_recall: also give set_recall, which ignores where and how often a word stands: too kind.
    """

    def __init__(self, author_set_recall: bool = False) -> None:
        self._author_set_recall = author_set_recall
        self._answer = 0
        self._reference = {True: 0, False: 0}  # by: is the word known?
        self._found = {True: 0, False: 0}
        self._set_found = 0
        self._set_reference = 0

    def update(self, example: SegmentationExample) -> None:
        answer = set(spans(example.answer))
        self._answer += len(answer)
        for span, known in zip(spans(example.reference), example.known, strict=True):
            self._reference[known] += 1
            self._found[known] += span in answer
        words = set(example.reference)
        self._set_reference += len(words)
        self._set_found += len(words.intersection(example.answer))

    def result(self) -> dict[str, float]:
        found, reference = sum(self._found.values()), sum(self._reference.values())
        numbers = ratios(
            precision=(found, self._answer),
            recall=(found, reference),
            f1=(2 * found, self._answer + reference),
            oov_recall=(self._found[False], self._reference[False]),
            iv_recall=(self._found[True], self._reference[True]),
        )
        if self._author_set_recall:
            numbers |= ratios(set_recall=(self._set_found, self._set_reference))
        return numbers


def spans(words: Iterable[str]) -> list[tuple[int, int]]:
    """(start, end) of every word in the text that the words join into, in code points."""
    return list(pairwise(accumulate(map(len, words), initial=0)))
