"""A checkpoint of a run whose weights are used elsewhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nlpx.components.tricks.base import value_of
from nlpx.core.lazy import np
from nlpx.data.codec import Vocabularies
from nlpx.errors import UsageError
from nlpx.runs.config import load_run
from nlpx.runs.directory import RunDirectory
from nlpx.specs.experiment import Experiment
from nlpx.workflow.learned import load_vocabularies
from nlpx.workflow.of_run import buildable

CHECKPOINTS, STEP = "checkpoints", re.compile(r"step-([0-9]{8,18})")


@dataclass(frozen=True)
class Trained:
    """A checkpoint of a run.

    Attributes:
        run: the run.
        which: best, or a step.
    """

    run: RunDirectory
    which: str

    @classmethod
    def open(cls, path: Path) -> Trained:
        """A run, whose best checkpoint is used, or the folder of a checkpoint in it.

        Raises:
            UsageError, DamagedRun: there is no such run, it has no checkpoint yet, or it is damaged.
        """
        step = STEP.fullmatch(path.name) if path.parent.name == CHECKPOINTS else None
        run = RunDirectory.open(path.parents[1] if step else path)
        if not run.last.is_file():
            raise UsageError(f"{run.path}: this run has no checkpoint to start from. Expected a trained run.")
        return cls(run, str(int(step[1])) if step else "best")

    @property
    def text(self) -> str:
        """The run and its checkpoint."""
        return f"{self.run.path}, checkpoint {self.which}"

    def experiment(self, includes: Sequence[Path]) -> Experiment:
        """The config of the run; raises UsageError, DamagedRun."""
        return load_run(self.run, includes=includes).experiment

    def folder(self) -> Path:
        """The folder of the checkpoint; raises CheckpointError. Imports Keras."""
        from nlpx.engine.checkpoint import Checkpoints

        checkpoints = Checkpoints(self.run.path)
        return checkpoints.path(checkpoints.resolve(self.which))

    def weights(self, includes: Sequence[Path]) -> tuple[dict[str, np.ndarray], Vocabularies]:
        """The weights of its model by the names of their variables, and its vocabularies.

        Raises:
            DamagedRun, CheckpointError: it cannot be used.
        """
        from nlpx.engine.checkpoint import load_weights
        from nlpx.engine.learner import names_of
        from nlpx.engine.update import floating

        experiment = self.experiment(includes)
        codec = experiment.codec()
        vocabularies = load_vocabularies(self.run, codec)
        with buildable(self.run):
            learner = experiment.learner(codec, vocabularies)
        load_weights(learner.model, self.folder())
        names = names_of(learner)
        return {names[v]: value_of(v) for v in floating(learner.model.weights)}, vocabularies
