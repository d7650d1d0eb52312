"""Example of the task segmentation."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from operator import attrgetter
from typing import ClassVar

from nlpx.components.metrics.word_f1 import spans
from nlpx.data.records import Sentence
from nlpx.tasks.example import TaskExample


@dataclass(frozen=True, slots=True)
class SegmentationExample(TaskExample):
    """A sentence with reference words, whether each is in the training split, and predicted words."""

    text: str
    reference: tuple[str, ...]
    answer: tuple[str, ...]
    nll: float
    characters: int
    known: tuple[bool, ...]

    def __post_init__(self) -> None:
        if not "".join(self.reference) == "".join(self.answer) == self.text:
            raise ValueError(f"words of reference and prediction must concatenate to {self.text!r}")
        if len(self.known) != len(self.reference):
            raise ValueError(f"{len(self.reference)} reference words, but {len(self.known)} in `known`")

    reference_words = property(attrgetter("reference"))
    known_words = property(attrgetter("known"))
    predicted_words = property(attrgetter("answer"))

    severity_is: ClassVar[str] = "words that are wrong or missing"

    @property
    def severity(self) -> float:
        return len(set(spans(self.reference)) ^ set(spans(self.answer)))

    def describe(self) -> str:
        return f"{' '.join(self.answer)}  (reference {' '.join(self.reference)})"


def example(row: Sentence, answer: tuple[str, ...], nll: float, known: Container[str]) -> SegmentationExample:
    """The example of a row; `known` contains the words of the training split."""
    return SegmentationExample(
        text=row.text,
        reference=row.words,
        answer=answer,
        nll=nll,
        characters=len(row.text),
        known=tuple(word in known for word in row.words),
        group=(row.group,) if row.group else (),
    )
