"""A trained model that predicts: the interface that tasks implement."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Generic, Protocol, TypeVar

from nlpx.data.codec import RowT
from nlpx.errors import UsageError


class Example(Protocol):
    """A record with its prediction: what metrics read.

    Attributes:
        group: names of the subsets of a split in which it counts, too.
        severity: how wrong the prediction is; the list of the worst examples is sorted by it.
        severity_is: what that is, for a person.
    """

    severity_is: ClassVar[str]

    @property
    def group(self) -> tuple[str, ...]: ...

    @property
    def severity(self) -> float: ...

    def describe(self) -> str:
        """One line that shows a person what was given, expected and predicted."""
        ...

    def to_json(self) -> dict[str, object]:
        """What a line of the predictions file holds."""
        ...


Say = Callable[[str], None]
"""Told what happens, a line at a time."""


def unheard(message: str) -> None:
    """Tells nobody."""


ExampleT = TypeVar("ExampleT", bound=Example)


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the model says to one text."""

    text: str
    """One line for a person."""
    fields: Mapping[str, object] = field(default_factory=dict)
    """The same for a program: what a line of JSON holds beside the input."""
    failed: bool = False
    """Whether the input could not be read; `text` says why."""


class Predictor(ABC, Generic[RowT, ExampleT]):
    """A trained model behind a decoder: answers texts, and scores rows that have a reference."""

    def prepare(
        self,
        rows: Callable[[str], Iterable[RowT]],
        folder: Path | None = None,
        weights: str = "",
        say: Say = unheard,
    ) -> None:
        """Get ready what answering needs beside the weights; to be called whenever these have changed.

        Most tasks need nothing.

        Args:
            rows: reads the rows of a split; called only where they are needed, and never for test.
            folder: of the run, where what was made can be kept and is looked for; None keeps nothing.
            weights: a name for the weights, another for every checkpoint of the run.
            say: told what takes long, and what cannot be kept.
        """
        return

    def search_in(
        self, texts: Callable[[], Sequence[str]], folder: Path, weights: str, say: Say = unheard
    ) -> None:
        """Answer with some of these texts, not with training rows; to be called after `prepare`.

        Args:
            texts: reads them, each once; called only where they are needed.
            folder: of these texts, where what was made of them can be kept and is looked for.
            weights, say: as in `prepare`.

        Raises:
            UsageError: answers are not searched for.
        """
        raise UsageError("--corpus: this task does not search its answers. Leave the option out.")

    def survey(self, rows: Iterable[RowT]) -> None:
        """Look through the rows that `examples` will be asked for until the next call, all of them.

        Called before a split is measured, for answers that depend on what else is in it; references do not
        count. Most tasks need nothing, and read none.
        """
        return

    @property
    def signature(self) -> str:
        """How it was fitted to the rows surveyed, where another choice would give other numbers; or empty."""
        return ""

    @abstractmethod
    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """One answer for each text, in order. Any text is accepted, the empty one too."""

    @abstractmethod
    def examples(self, rows: Sequence[RowT], known: Container[str]) -> list[ExampleT]:
        """What metrics compare, one for each row, in order; `known` holds the keys of the training rows."""

    def calibrate(self, rows: Iterable[RowT]) -> Mapping[str, float]:
        """Choose, by rows that were not trained on, what training leaves open; empty if that is nothing.

        Called once, after training, with the rows of valid and the best weights. The run keeps the choice.
        """
        return {}

    def use(self, chosen: Mapping[str, float]) -> None:
        """Answer from now on with what `calibrate` has chosen.

        Raises:
            ValueError: it cannot have chosen that.
        """
        if chosen:
            raise ValueError(f"{min(chosen)[:40]!r} is nothing that this task chooses")


class UnconditionalPredictor(ABC):
    """What a predictor also is where the task generates unconditionally."""

    @abstractmethod
    def generate(self, count: int, seed: int) -> list[Prediction]:
        """So many texts; the first ones of a seed are the same for every count."""
