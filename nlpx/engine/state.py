"""Everything that decides how a training goes on, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field

import keras
import numpy as np

from nlpx.components.tricks.base import value_of
from nlpx.engine.step import TrainStep
from nlpx.errors import CheckpointError

Arrays = Mapping[str, np.ndarray]


@dataclass
class Sums:
    """Sums over updates.

    Attributes:
        loss: loss sums.
        weight: what they are divided by.
        norm: gradient norms.
        updates: how many.
        learning_rate: of the latest update.
        skipped: how many of them were left out because a gradient overflowed.
    """

    loss: float = 0.0
    weight: float = 0.0
    norm: float = 0.0
    updates: int = 0
    learning_rate: float = 0.0
    skipped: int = 0

    @property
    def mean(self) -> float:
        """Mean loss; 0 where nothing was weighed."""
        return self.loss / self.weight if self.weight else 0.0

    @property
    def mean_norm(self) -> float:
        """Mean gradient norm; 0 before the first update."""
        return self.norm / self.updates if self.updates else 0.0

    def add(self, loss: float, weight: float, norm: float, learning_rate: float, skipped: bool) -> None:
        self.loss += loss
        self.weight += weight
        self.norm += norm
        self.updates += 1
        self.learning_rate = learning_rate
        self.skipped += skipped


@dataclass
class Progress:
    """Where a training stands.

    Attributes:
        step: updates made.
        epoch: epochs completed.
        index: updates made in the current epoch.
        interval: sums since the loss was last logged.
        epoch_sums: sums since the epoch began.
        evaluated: step of the last evaluation; -1 before the first.
        metrics: of the last evaluation.
        best: (step, value) of the best evaluations, the best first, as many as checkpoints are kept for them.
        reference: the value that early stopping wants to see improved.
        waited: evaluations since it was.
        saved: step of the last checkpoint that was due; -1 before the first.
        stage: stages completed.
        stage_began: step at which the current stage began.
        offsets: bytes of every recorded file that belong to this state.
        skipped: updates of all stages that were left out because a gradient overflowed; `step` counts them.
    """

    step: int = 0
    epoch: int = 0
    index: int = 0
    interval: Sums = field(default_factory=Sums)
    epoch_sums: Sums = field(default_factory=Sums)
    evaluated: int = -1
    metrics: dict[str, float] = field(default_factory=dict)
    best: list[tuple[int, float]] = field(default_factory=list)
    reference: float | None = None
    waited: int = 0
    saved: int = -1
    stage: int = 0
    stage_began: int = 0
    offsets: dict[str, int] = field(default_factory=dict)
    skipped: int = 0

    def begin_stage(self, stage: int, epoch: int) -> None:
        """Go on to a stage, which begins with an epoch, and whose evaluations are judged anew."""
        self.stage, self.stage_began = stage, self.step
        self.epoch, self.index = epoch, 0
        self.interval, self.epoch_sums = Sums(), Sums()
        self.reference, self.waited = None, 0

    def to_json(self) -> str:
        """One line of JSON; floats keep every bit."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Progress:
        """What `to_json` wrote."""
        values = json.loads(text)
        for name in ("interval", "epoch_sums"):
            values[name] = Sums(**values[name])
        values["best"] = [(step, value) for step, value in values["best"]]
        return cls(**values)


class State:
    """The variables of a training and its progress.

    Variables are those of the model (weights, seeds of random layers), of the optimizer, of the tricks and of
    the loss scale.

    Args:
        model: the model.
        step: its training step, which owns the optimizer and the tricks.
        progress: where the training stands; at its start by default.
    """

    def __init__(self, model: keras.layers.Layer, step: TrainStep, progress: Progress | None = None) -> None:
        self.progress = Progress() if progress is None else progress
        self._step = step
        scale = [] if step.loss_scale is None else step.loss_scale.variables
        self._groups = {
            "model": model.variables,
            "optimizer": step.optimizer.variables,
            "tricks": [variable for trick in step.tricks for variable in trick.variables],
            "loss_scale": scale,
        }

    def arrays(self) -> dict[str, np.ndarray]:
        """A copy of every variable, by `group/number`."""
        return {name: value_of(variable) for name, variable in self._named()}

    def restore(self, arrays: Arrays, progress: Progress) -> None:
        """Set every variable from what `arrays` gave; nothing is changed if something does not fit.

        Raises:
            CheckpointError: other groups, numbers, shapes or dtypes.
        """
        assign(self._named(), arrays)
        self.progress = progress
        if self._step.loss_scale is not None:
            made = int(value_of(self._step.optimizer.iterations))
            self._step.loss_scale.skipped.assign(progress.step - progress.stage_began - made)

    def _named(self) -> Iterator[tuple[str, keras.Variable]]:
        for group, variables in self._groups.items():
            yield from numbered(group, variables)


def numbered(group: str, variables: Sequence[keras.Variable]) -> Iterator[tuple[str, keras.Variable]]:
    """Names by position, `group/0007`: Keras's own paths depend on what else the process has built."""
    for i, variable in enumerate(variables):
        yield f"{group}/{i:04d}", variable


def assign(named: Iterable[tuple[str, keras.Variable]], arrays: Arrays) -> None:
    """Set variables from arrays of the same names.

    Raises:
        CheckpointError: the arrays are those of other variables; then none is set.
    """
    variables = dict(named)
    problems = [f"{name} is only in the checkpoint" for name in sorted(arrays.keys() - variables.keys())]
    for name, variable in variables.items():
        if name not in arrays:
            problems.append(f"{name} ({variable.path}) is not in the checkpoint")
            continue
        have = f"{arrays[name].dtype}{list(arrays[name].shape)}"
        want = f"{variable.dtype}{list(variable.shape)}"
        if have != want:
            problems.append(f"{name} ({variable.path}) is {have} in the checkpoint, expected {want}")
    if problems:
        more = f"\n  ... and {len(problems) - 10} more" if len(problems) > 10 else ""
        raise CheckpointError(
            "the checkpoint does not fit this model:\n  " + "\n  ".join(problems[:10]) + more + "\n"
            "The config, the vocabulary or the optimizer is another one than when it was saved. "
            "Go on with the config that the run was made with, or train a new run."
        )
    for name, variable in variables.items():
        variable.assign(arrays[name])
