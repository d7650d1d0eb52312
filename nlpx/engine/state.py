"""Everything that decides how a training run continues, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field

import keras
import numpy as np
from pydantic import TypeAdapter, ValidationError

from nlpx.components.tricks.base import value_of
from nlpx.core.files import Unreadable
from nlpx.core.json_text import parse_json
from nlpx.engine.learner import objective_variables
from nlpx.engine.step import TrainStep
from nlpx.engine.sums import Sums
from nlpx.errors import CheckpointError

Arrays = Mapping[str, np.ndarray]
MOST = 2**62
"""The largest count that is believed."""


@dataclass
class Progress:
    """Where a training run stands.

    Attributes:
        step: updates made, each a round of all phases.
        epoch: epochs completed.
        index: updates made in the current epoch.
        interval: sums since they were last logged.
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
        skipped: updates of all stages that were left out because gradients overflowed; `step` counts them.
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
        """Start a stage, which begins with an epoch, and whose evaluations are judged again."""
        self.stage, self.stage_began = stage, self.step
        self.epoch, self.index = epoch, 0
        self.interval, self.epoch_sums = Sums(), Sums()
        self.reference, self.waited = None, 0

    def to_json(self) -> str:
        """One line of JSON; floats keep every bit."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, content: bytes) -> Progress:
        """What `to_json` wrote.

        Raises:
            Unreadable: it is something else.
        """
        try:
            progress = TypeAdapter(cls).validate_python(parse_json(content))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            raise Unreadable(f"{'.'.join(map(str, first['loc']))[:100]}: {first['msg']}") from None
        counts = [progress.step, progress.epoch, progress.index, progress.stage, progress.stage_began]
        counts += progress.offsets.values()
        if min(counts) < 0 or max(counts) > MOST:
            raise Unreadable("a count in it is negative, or beyond what can be counted")
        return progress


class State:
    """The variables of a training run and its progress.

    Variables are those of the model (weights, seeds of random layers) and of the objectives, and for each
    phase those of its optimizer, tricks and loss scale. Between two updates of the run the phases are at
    their beginning.

    Args:
        step: what makes the updates, and owns all this.
        progress: where the run stands; at its start by default.
    """

    def __init__(self, step: TrainStep, progress: Progress | None = None) -> None:
        self.progress = Progress() if progress is None else progress
        self._groups = {
            "model": step.learner.model.variables,
            "objective": objective_variables(step.learner),
        }
        for update in step.updates:
            name, scale = update.phase.name, update.loss_scale
            self._groups[f"optimizer/{name}"] = update.optimizer.variables
            self._groups[f"tricks/{name}"] = [v for trick in update.tricks for v in trick.variables]
            self._groups[f"loss_scale/{name}"] = [] if scale is None else scale.variables

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
            "Continue with the config that the run was made with, or train a new run."
        )
    for name, variable in variables.items():
        variable.assign(arrays[name])
