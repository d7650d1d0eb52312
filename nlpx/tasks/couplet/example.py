"""Example of the task couplet."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import ClassVar

from nlpx.tasks.example import TaskExample
from nlpx.text.blanks import without_blanks


@dataclass(frozen=True, slots=True)
class CoupletExample(TaskExample):
    """An upper line with reference and predicted lower line; `nll` in nats, over characters, not blanks."""

    upper: str
    reference: str
    answer: str
    nll: float
    characters: int

    def __post_init__(self) -> None:
        lengths = len(self.upper), len(self.reference), len(self.answer)
        if len(set(lengths)) > 1:
            raise ValueError(f"upper, reference and answer must be equally long; got {lengths} characters")

    # Blanks are copied, so they are ignored.
    source_text = property(lambda self: without_blanks(self.upper))
    reference_text = property(lambda self: without_blanks(self.reference))
    predicted_text = property(lambda self: without_blanks(self.answer))
    line = property(attrgetter("predicted_text"))

    severity_is: ClassVar[str] = "nll per character"

    @property
    def severity(self) -> float:
        return self.nll / max(self.characters, 1)

    def describe(self) -> str:
        return f"{self.upper} → {self.answer}  (reference {self.reference})"
