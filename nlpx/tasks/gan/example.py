"""Example of the task gan."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import ClassVar

from nlpx.tasks.example import TaskExample


@dataclass(frozen=True, slots=True)
class SampleExample(TaskExample):
    """A generated sample, next to a real one that it has nothing to do with.

    Attributes:
        place: where the real sample is from.
        real: the real sample as numbers.
        sample: the generated sample as numbers.
        mode: the mode of the real sample; may be empty.
        discriminator: score of the generated sample by the discriminator.
    """

    place: str
    real: tuple[float, ...]
    sample: tuple[float, ...]
    mode: str
    discriminator: float

    real_vector = property(attrgetter("real"))
    generated_vector = property(attrgetter("sample"))

    severity_is: ClassVar[str] = "score of the discriminator"

    @property
    def severity(self) -> float:
        return self.discriminator

    def describe(self) -> str:
        return f"({', '.join(f'{x:.3f}' for x in self.sample[:4])}{', ...' * (len(self.sample) > 4)})"


@dataclass(frozen=True, slots=True)
class ImageExample(SampleExample):
    """The same for images, whose numbers are the features of a classifier; they are not written to files."""

    unwritten: ClassVar[frozenset[str]] = frozenset({"real", "sample"})
