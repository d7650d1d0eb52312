"""Give the recorders of a training run what they need, and tell them how it ended."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from nlpx.components.observers.external_recorder import ExternalRecorder
from nlpx.components.observers.run_facts import Ending, RunFacts
from nlpx.core.files import file_hash
from nlpx.errors import DamagedRun, Diverged, Interrupted
from nlpx.runs.directory import RunDirectory
from nlpx.runs.flatten import flatten
from nlpx.runs.notes import Notes
from nlpx.runs.record import Snapshot
from nlpx.specs.experiment import Experiment
from nlpx.specs.predictor import Say

if TYPE_CHECKING:
    from nlpx.components.observers.base import Listener

FOLDER = "NLPX_RECORDS"
"""Environment variable with the folder of the records of other programs; default: that of all runs."""
DIGITS = 16


@dataclass(frozen=True)
class Recording:
    """The recorders of a run that is being trained."""

    recorders: Sequence[ExternalRecorder]

    def evaluated(self, split: str, step: int, metrics: Mapping[str, float]) -> None:
        """Record the final evaluation."""
        for recorder in self.recorders:
            recorder.evaluated(split, step, metrics)


@contextmanager
def recording(
    run: RunDirectory, experiment: Experiment, observers: Sequence[Listener], *, resume: bool, say: Say
) -> Iterator[Recording]:
    """Train in the block, with the recorders among the observers, which learn how it ended.

    Raises:
        EnvironmentProblem: a recorder cannot begin the record of a new run.
    """
    recorders = [observer for observer in observers if isinstance(observer, ExternalRecorder)]
    opened: list[ExternalRecorder] = []
    ending: Ending = "failed"

    def warn(message: str) -> None:
        with tqdm.external_write_mode(file=sys.stderr):  # takes the bar of training away meanwhile
            say(message)

    try:
        for recorder in recorders:
            recorder.open(_facts(run, experiment, resume), warn)
            opened.append(recorder)
        yield Recording(opened)
        ending = "finished"
    except (Interrupted, KeyboardInterrupt):
        ending = "interrupted"
        raise
    except Diverged:
        ending = "diverged"
        raise
    finally:
        if opened:
            notes = _notes(run)
            for recorder in opened:
                recorder.close(ending, notes.tags, notes.note)


def _notes(run: RunDirectory) -> Notes:
    """The notes of a run; none where the file is damaged, which must not end a training run."""
    try:
        return Notes.of(run)
    except DamagedRun:
        return Notes()


def _facts(run: RunDirectory, experiment: Experiment, resume: bool) -> RunFacts:
    notes = _notes(run)
    directions = experiment.numbers()
    monitor = experiment.checkpoint.monitor.removeprefix("valid/")
    return RunFacts(
        folder=Path(os.environ.get(FOLDER) or run.path.resolve().parent.parent).resolve(),
        # Written once, with the moment in it.
        id=file_hash(run.snapshot)[:DIGITS],
        name=run.id,
        task=experiment.type,
        created=Snapshot.of(run).created,
        parameters=flatten(experiment.model_dump(mode="json", by_alias=True)),
        direction=experiment.checkpoint.mode or directions.get(monitor),
        tags=tuple(notes.tags),
        note=notes.note,
        resumed=resume,
    )
