"""The one interface that a new problem implements."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, TypeAlias, TypeVar

import numpy as np

from nlpx.errors import UsageError
from nlpx.specs.experiment import Experiment
from nlpx.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from nlpx.data.prepared import EncodedItems
    from nlpx.data.rows import Row
    from nlpx.engine.problem import Batches, Problem

Vocabularies = Mapping[str, Vocabulary]


class Example(Protocol):
    """A row with its answer: what metrics compare. `group` names the parts of a split it also counts in."""

    @property
    def group(self) -> tuple[str, ...]: ...

    def to_json(self) -> dict[str, object]:
        """What a line of the predictions file holds."""
        ...


Say = Callable[[str], None]
"""Told what happens, a line at a time."""


def unheard(message: str) -> None:
    """Tells nobody."""


RowT = TypeVar("RowT")
ProblemT = TypeVar("ProblemT", bound="Problem")
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
    """What an predictor also is where the task makes texts out of nothing."""

    @abstractmethod
    def generate(self, count: int, seed: int) -> list[Prediction]:
        """So many texts; the first ones of a seed are the same for every count."""


class Task(ABC, Generic[RowT, ProblemT, ExampleT]):
    """What is read, how it becomes arrays, which model learns it, how answers look; no loops, no folders."""

    severity_is: ClassVar[str] = "severity"
    """What `severity` is, for a person who reads the list of the worst cases."""

    def __init__(self, experiment: Experiment) -> None:
        self.experiment = experiment

    # Rows and arrays: the codec of the data room.

    @property
    @abstractmethod
    def min_counts(self) -> Mapping[str, int]:
        """By vocabulary: the count below which a token is unknown."""

    @property
    @abstractmethod
    def max_sizes(self) -> Mapping[str, int | None]:
        """By vocabulary: the number of tokens kept; None keeps all."""

    @abstractmethod
    def settings(self) -> str:
        """A text that changes whenever the arrays of the same rows would."""

    @abstractmethod
    def check(self, row: RowT) -> str | None:
        """Why a row cannot be used; None if it can."""

    @abstractmethod
    def count(self, row: RowT) -> Mapping[str, Iterable[str]]:
        """The tokens of a row, by vocabulary."""

    def derive(self, rows: Iterable[RowT], vocabularies: Vocabularies) -> Vocabularies:
        """More vocabularies, which can only be counted when those of `count` are known.

        Args:
            rows: all training rows once more; not read where nothing is derived.
            vocabularies: those that are known.
        """
        return {}

    @abstractmethod
    def encode(self, row: RowT, vocabularies: Vocabularies) -> list[dict[str, np.ndarray]]:
        """The training items of a row: 1-D int32 arrays by feature. Empty where it is left out.

        All features of an item are of one length, but for those of other sequences: a feature `S.name`
        belongs to the sequence S, with a length of its own, and a batch masks it with `S.mask`. The main
        sequence decides in which length bucket an item goes.
        """

    def keeps(self, row: RowT) -> bool:
        """Whether a good row takes part, in training and evaluation alike; False for one that is too long."""
        return True

    @abstractmethod
    def keys(self, row: RowT) -> Iterable[str]:
        """The strings of a training row that evaluation will ask for."""

    def batches(self, items: EncodedItems) -> Batches | None:
        """The order of training, a function of epoch and index; None: rows of similar length, shuffled."""
        return None

    def inputs(self, path: Path) -> list[str] | None:
        """The texts that a person means by a file or folder to answer; None: the lines of that file.

        Raises:
            UsageError: nothing in it can be answered.
        """
        return None

    # Model and answers.

    @abstractmethod
    def problem(self, vocabularies: Vocabularies) -> ProblemT:
        """The model with fresh weights, and its loss. Imports Keras."""

    def initialise(self, problem: ProblemT, items: EncodedItems, cache: Path) -> None:
        """Called once before training: weights that begin as those of a file, values computed in advance.

        Args:
            problem: the model with fresh weights, as `problem` made it; what it reads is not read again.
            items: the training items.
            cache: folder of the cache.

        Raises:
            NlpxError: a file is missing or is not what it should be.
        """

    @abstractmethod
    def predictor(self, problem: ProblemT, vocabularies: Vocabularies) -> Predictor[RowT, ExampleT]:
        """The model of `problem` behind the experiment's decoder."""

    def references(self, vocabularies: Vocabularies) -> Mapping[str, Predictor[RowT, ExampleT]]:
        """Other systems that can be measured on the same rows, by name.

        Args:
            vocabularies: of the training rows.
        """
        return {}

    @abstractmethod
    def describe(self, example: ExampleT) -> str:
        """One line that shows a person what was asked, expected and answered."""

    @abstractmethod
    def severity(self, example: ExampleT) -> float:
        """How wrong an answer is; the list of the worst cases is sorted by it."""


AnyTask: TypeAlias = "Task[Row, Problem, Example]"
"""A task as those see it who only pass its rows, its model and its examples on."""
