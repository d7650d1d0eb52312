"""Example of the task ocr_lines."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import ClassVar

from nlpx.tasks.example import TaskExample
from nlpx.text.edit_distance import edit_distance


@dataclass(frozen=True, slots=True)
class LineExample(TaskExample):
    """A line with the recognized text.

    Attributes:
        image: where the image is from.
        reference: the text.
        prediction: the recognized text.
        nll: -log p(reference) in nats, over all alignments of characters and frames.
        characters: number of characters of the reference.
    """

    image: str
    reference: str
    prediction: str
    nll: float
    characters: int

    reference_text = property(attrgetter("reference"))
    predicted_text = property(attrgetter("prediction"))

    severity_is: ClassVar[str] = "characters that are wrong, missing or added"

    @property
    def severity(self) -> float:
        return edit_distance(self.prediction, self.reference)

    def describe(self) -> str:
        return f"{self.image} → {self.prediction}  (reference {self.reference})"
