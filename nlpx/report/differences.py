"""Mark where a prediction differs from its reference."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import groupby
from operator import eq

from nlpx.components.metrics.word_f1 import spans
from nlpx.report.html import Html, element, joined, words

Stretch = tuple[bool, slice, slice]
"""Whether both texts are equal there, and where in each."""
LONGEST = 400
"""Characters of a text that are shown."""


def cut(text: str) -> str:
    """A text that is not too long."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def by_character(reference: str, prediction: str) -> tuple[Html, Html]:
    """Reference and prediction; characters that the other one lacks at their place are marked.

    Texts of the same length are compared place by place, unless more is equal if one is shifted.
    """
    reference, prediction = cut(reference), cut(prediction)
    found = _aligned(reference, prediction)
    if len(reference) == len(prediction):
        places = [
            (key, [place for place, _ in run])
            for key, run in groupby(enumerate(map(eq, reference, prediction)), key=lambda pair: pair[1])
        ]
        straight = [(same, slice(run[0], run[-1] + 1), slice(run[0], run[-1] + 1)) for same, run in places]
        found = max(straight, found, key=_equal)
    left, right = [], []
    for same, ours, theirs in found:
        left.append(words(reference[ours]) if same else _marked("del", reference[ours]))
        right.append(words(prediction[theirs]) if same else _marked("ins", prediction[theirs]))
    return joined(left), joined(right)


def _aligned(reference: str, prediction: str) -> list[Stretch]:
    matcher = SequenceMatcher(None, reference, prediction, autojunk=False)
    return [
        (name == "equal", slice(start, stop), slice(other_start, other_stop))
        for name, start, stop, other_start, other_stop in matcher.get_opcodes()
    ]


def _equal(stretches: Sequence[Stretch]) -> int:
    return sum(ours.stop - ours.start for same, ours, _ in stretches if same)


def by_word(reference: Sequence[str], prediction: Sequence[str]) -> tuple[Html, Html]:
    """Words of reference and prediction; those that the other one lacks, at their place, are marked."""
    ours, theirs = spans(reference), spans(prediction)
    return _words(reference, ours, {*theirs}, "del"), _words(prediction, theirs, {*ours}, "ins")


def _words(
    shown: Sequence[str], places: Sequence[tuple[int, int]], others: set[tuple[int, int]], mark: str
) -> Html:
    parts = [
        words(word) if place in others else _marked(mark, word)
        for word, place in zip(shown, places, strict=True)
    ]
    return joined(parts, " ")


def _marked(name: str, text: str) -> Html:
    return element(name, text) if text else Html()
