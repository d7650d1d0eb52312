"""What happens in a training run, as values that observers are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Event:
    """The base of all events. `step` is the number of updates made so far; `epoch` counts from 0."""

    step: int
    epoch: int


@dataclass(frozen=True, slots=True)
class StageBegan(Event):
    """The first event of a stage, or the first after a resume. Runs without stages have none.

    Attributes:
        stage: its number, counted from 0; `stages` is how many there are.
        updates: how many it makes at most.
        total: the step at which the whole run then ends at the latest.
        trained: parameters that it changes.
        optimizer: the type of its optimizer, or those of its phases.
        groups: lines about the variables that tricks treat differently.
    """

    stage: int
    stages: int
    updates: int
    total: int
    trained: int
    optimizer: str
    groups: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class StageEnded(Event):
    """A stage has ended, and another follows: `reason` is `epochs`, `steps` or `early_stopping`."""

    stage: int
    reason: str


@dataclass(frozen=True, slots=True)
class EpochBegan(Event):
    """The first update of an epoch, or the first after a resume, is next; `index` were made in it before."""

    index: int = 0


@dataclass(frozen=True, slots=True)
class StepDone(Event):
    """One update was made, by every phase of the learner.

    Attributes:
        weight: what the sum of the loss was divided by: characters, rows, ...
        learning_rate: its rate; of the first phase where there are several.
        gradient_norm: joint norm of its gradients before any trick.
        seconds: wall-clock time of the update and of making its batches.
        terms: the means of its terms, where there are several.
    """

    loss: float
    weight: float
    learning_rate: float
    gradient_norm: float
    seconds: float
    terms: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LossLogged(Event):
    """Means over the updates since the last such event; rates are those of the latest update.

    Attributes:
        skipped: how many of them were left out because a gradient overflowed in float16; None where the loss
            is not scaled.
        terms: the means of the terms, where there are several.
        phases: learning rate and gradient norm of every phase, where there are several.
        partial: whether the run was interrupted here; when it is resumed, the interval is logged as a whole.
    """

    loss: float
    learning_rate: float
    gradient_norm: float
    skipped: int | None = None
    terms: Mapping[str, float] = field(default_factory=dict)
    phases: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    partial: bool = False

    @property
    def numbers(self) -> dict[str, float]:
        """All of them, as records name them: `train/...`."""
        phases = self.phases or {
            "": {"learning_rate": self.learning_rate, "gradient_norm": self.gradient_norm}
        }
        numbers = {"loss": self.loss} | {
            f"{phase}/{name}".removeprefix("/"): value
            for phase, values in phases.items()
            for name, value in values.items()
        }
        if self.skipped is not None:
            numbers["skipped_updates"] = self.skipped
        # A term that is called as one of these is not told.
        return {f"train/{name}": value for name, value in (numbers | dict(self.terms) | numbers).items()}


@dataclass(frozen=True, slots=True)
class EvaluationBegan(Event):
    """An evaluation is next."""


@dataclass(frozen=True, slots=True)
class Evaluated(Event):
    """An evaluation ended.

    Attributes:
        metrics: numbers by name, `valid/...`.
        improved: whether the monitored number is the best so far.
        files: what the run keeps of the evaluation, by name, such as an image of samples.
    """

    metrics: Mapping[str, float]
    samples: Sequence[Mapping[str, object]]
    improved: bool
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EpochEnded(Event):
    """The last update of an epoch was made, and evaluated if that was due. `epoch` is the one that ended.

    Attributes:
        metrics: of the evaluation at this step; empty if there was none.
        skipped: how many of them were left out because a gradient overflowed in float16.
    """

    loss: float
    metrics: Mapping[str, float]
    updates: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class CheckpointDue(Event):
    """The state should be saved now."""


@dataclass(frozen=True, slots=True)
class CheckpointSaved(Event):
    """The state was saved in a folder."""

    path: Path


@dataclass(frozen=True, slots=True)
class Stopped(Event):
    """Training has ended: `reason` is `epochs`, `steps`, `early_stopping` or `callback`.

    `skipped` updates of the whole run were left out because a gradient overflowed in float16.
    """

    reason: str
    skipped: int = 0
