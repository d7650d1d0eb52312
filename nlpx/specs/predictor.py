"""Interfaces of predictions, which tasks implement."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, TypeVar

from nlpx.data.codec import RowT
from nlpx.errors import UsageError

if TYPE_CHECKING:
    import numpy as np


class Example(Protocol):
    """A record with its prediction, which metrics read.

    Attributes:
        group: names of the subsets of a split to which it belongs.
        severity: severity of the error, by which the list of the worst examples is sorted.
        severity_is: description of the severity.
        unwritten: values that the predictions file lacks.
        relative: values that follow from the predictions of other records, such as a place among them.
    """

    severity_is: ClassVar[str]
    unwritten: ClassVar[frozenset[str]]
    relative: ClassVar[frozenset[str]]

    @property
    def group(self) -> tuple[str, ...]: ...

    @property
    def severity(self) -> float: ...

    def describe(self) -> str:
        """One line that shows input, reference and prediction."""
        ...

    def to_json(self) -> dict[str, object]:
        """The content of a line of the predictions file."""
        ...


Say = Callable[[str], None]
"""Called with messages, one line each."""


def unheard(message: str) -> None:
    """Discard a message."""


ExampleT = TypeVar("ExampleT", bound=Example)


@dataclass(frozen=True, slots=True)
class Prediction:
    """The prediction for one text."""

    text: str
    """The prediction as one line of text."""
    fields: Mapping[str, object] = field(default_factory=dict)
    """The prediction as fields of a JSON object."""
    failed: bool = False
    """Whether the input could not be read; `text` is then the reason."""


@dataclass(frozen=True)
class AttentionMap:
    """What a prediction attends to.

    Attributes:
        read: the tokens of the text.
        written: those of the prediction; empty for a prediction as a whole.
        weights: (written, read) float32, or (1, read), with the sum 1 in each row.
    """

    read: Sequence[str]
    written: Sequence[str]
    weights: np.ndarray


class Predictor(ABC, Generic[RowT, ExampleT]):
    """A trained model with a decoder: predicts for texts, and evaluates rows with references."""

    runtime: ClassVar[str] = ""
    """The module that reads what `export` gives."""

    def prepare(
        self,
        rows: Callable[[str], Iterable[RowT]],
        folder: Path | None = None,
        weights: str = "",
        say: Say = unheard,
    ) -> None:
        """Prepare what predictions need in addition to the weights; called whenever these have changed.

        Most tasks need no preparation.

        Args:
            rows: reads the rows of a split; only called if needed, and never for the test split.
            folder: folder of the run for storing and reusing results; None stores nothing.
            weights: a name of the weights, different for every checkpoint of the run.
            say: called with messages about slow operations and about results that cannot be stored.
        """
        return

    def search_in(
        self, texts: Callable[[], Sequence[str]], folder: Path, weights: str, say: Say = unheard
    ) -> None:
        """Search these texts instead of the training rows; called after `prepare`.

        Args:
            texts: reads the texts without duplicates; only called if needed.
            folder: folder of these texts for storing and reusing results.
            weights, say: as in `prepare`.

        Raises:
            UsageError: the task is not a retrieval task.
        """
        raise UsageError("--corpus: this is not a retrieval task. Omit the option.")

    def survey(self, rows: Iterable[RowT]) -> None:
        """Read all rows for which `examples` will be called until the next survey.

        Called before a split is evaluated, for predictions that depend on the whole split; references must
        not be used. Most tasks need no survey.
        """
        return

    @property
    def signature(self) -> str:
        """How the predictor was fitted to the surveyed rows, if this affects metrics."""
        return ""

    @abstractmethod
    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """One prediction for each text, in order. All texts are accepted, including empty ones."""

    def drawings(self, text: str) -> Mapping[str, bytes]:
        """Files that show how the prediction for a text was made, by name, in the order of the stages.

        Args:
            text: a text for which the prediction does not fail.

        Raises:
            UsageError: the task draws nothing.
        """
        raise UsageError(
            "--draw: this task draws nothing. Expected a run of ocr or ocr_lines; omit the option."
        )

    def attention(self, pairs: Sequence[tuple[str, str]]) -> list[AttentionMap]:
        """What predictions attend to, in order; empty for models without attention.

        Args:
            pairs: texts with their predictions as texts, neither of them blank.
        """
        return []

    def compute(self, text: str) -> None:
        """Run the model on a text as a prediction does, for those who record what it computes.

        Unlike `predict`, it needs no preparation.
        """
        self.predict([text])

    @abstractmethod
    def examples(self, rows: Sequence[RowT], known: Container[str]) -> list[ExampleT]:
        """One example for each row, in order; `known` contains the keys of the training rows."""

    def arrays(self) -> Mapping[str, np.ndarray]:
        """Further arrays for `nlpx probe`, by name; most tasks have none."""
        return {}

    def files(self) -> Mapping[str, bytes]:
        """Files that show what the model does, such as an image of samples; a training run keeps them.

        Returns:
            Their content by name, the same for the same weights.
        """
        return {}

    def results(self) -> Mapping[str, bytes]:
        """Files that other programs use, such as vectors; a finished run keeps those of its best checkpoint.

        Returns:
            Their content by name, the same for the same weights.
        """
        return {}

    def export(self) -> Mapping[str, np.ndarray]:
        """What predictions need, as arrays for the module `runtime`, which needs NumPy alone.

        Raises:
            UsageError: this task, or this model, has none.
        """
        raise UsageError(
            "runs of this task cannot be exported as npz. Expected a run of the task segmentation, or "
            "--to bundle."
        )

    def calibrate(self, rows: Iterable[RowT]) -> Mapping[str, float]:
        """Choose values that training does not determine on held-out rows; empty if there are none.

        Called once after training, with the validation rows and the best weights. The choice is stored in the
        run.
        """
        return {}

    def use(self, chosen: Mapping[str, float]) -> None:
        """Use the values chosen by `calibrate`.

        Raises:
            ValueError: the values are invalid.
        """
        if chosen:
            raise ValueError(f"{min(chosen)[:40]!r} is nothing that this task chooses")


class Reference(Predictor[RowT, ExampleT]):
    """What a model is compared with: it evaluates rows, and predicts for no texts."""

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        raise UsageError("a reference only evaluates rows")


class UnconditionalPredictor(ABC):
    """Interface of predictors that generate unconditionally."""

    suffixes: ClassVar[tuple[str, ...]] = ()
    """What the names of files end in that `file` makes, such as `.png`."""

    @abstractmethod
    def generate(self, count: int, seed: int) -> list[Prediction]:
        """Generate `count` texts; for a seed, the first ones are the same for every count."""

    def file(self, suffix: str, count: int, seed: int) -> bytes:
        """What `generate` gives, as one file of a format among `suffixes`."""
        raise ValueError(f"{suffix} is not among {self.suffixes}")
