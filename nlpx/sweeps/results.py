"""What came of the trials of a sweep, read from the directories of their runs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Literal

from nlpx.errors import DamagedRun, UsageError
from nlpx.runs.directory import RunDirectory
from nlpx.runs.folders import is_run, run_folders
from nlpx.runs.history import read_history
from nlpx.runs.identity import config_id
from nlpx.runs.json_lines import JsonLines
from nlpx.runs.record import Record, Snapshot
from nlpx.sweeps.ledger import Trial

Status = Literal["new", "running", "stopped", "finished", "pruned", "diverged", "broken"]
Decision = Literal["open", "finished", "pruned", "diverged", "invalid"]
FINAL = ("finished", "pruned", "diverged")
"""Runs that are never trained again."""
LEFTOVER = re.compile(r"\..+\.tmp")


class Mark(Record):
    """The content of sweep.json in a run.

    Attributes:
        sweep: name of the sweep.
        trial: number of the trial.
        seconds: time of training.
        pruned: why it was stopped early; empty if it was not.
    """

    sweep: str
    trial: int
    seconds: float = 0.0
    pruned: str = ""

    @classmethod
    def of(cls, run: RunDirectory) -> Mark | None:
        """The mark of a run; None for runs that do not belong to a sweep."""
        return cls.read(run.sweep) if run.sweep.exists() else None


@dataclass(frozen=True)
class Result:
    """What came of a run of a trial.

    Attributes:
        path: the directory of the run, which may not exist.
        values: the metric of the sweep by step.
        value: the metric at the best checkpoint, if the run is finished and the metric a number.
        seconds: time of training, as far as it is known.
        problem: why it is broken, or why it was stopped early.
    """

    seed: int
    path: Path
    status: Status
    step: int = 0
    values: dict[int, float] = field(default_factory=dict)
    value: float | None = None
    seconds: float = 0.0
    problem: str = ""


@dataclass(frozen=True)
class Outcome:
    """What came of a trial: a result for each seed."""

    trial: Trial
    results: Sequence[Result]

    @property
    def values(self) -> list[float]:
        """The metric of the runs that are finished."""
        return [result.value for result in self.results if result.value is not None]

    @property
    def decision(self) -> Decision:
        """A trial is decided once all runs are finished, or one was stopped early or diverged."""
        if self.trial.problem:
            return "invalid"
        statuses = {result.status for result in self.results}
        if "pruned" in statuses:
            return "pruned"
        if "diverged" in statuses or any(r.status == "finished" and r.value is None for r in self.results):
            return "diverged"
        return "finished" if statuses == {"finished"} else "open"

    @property
    def mean(self) -> float | None:
        """The mean over the seeds, of a finished trial."""
        return fmean(self.values) if self.decision == "finished" else None


class Runs:
    """The runs of a sweep in a folder of runs; those that are final are read once.

    Args:
        output: the folder of all runs.
        task: the task of the sweep.
        name: the name of the sweep.
        metric: the metric of the sweep.
    """

    def __init__(self, output: Path, task: str, name: str, metric: str) -> None:
        self._output, self._task, self._name, self._metric = output, task, name, metric
        self._final: dict[tuple[str, int], Result] = {}
        self._elsewhere = _finished(output, task)

    def path(self, config: str, seed: int) -> Path:
        """The directory of a run; that of a finished one with another name, if there is one."""
        own = self._output / self._task / f"{self._name}-{config}-s{seed}"
        return own if own.exists() else self._elsewhere.get((config, seed), own)

    def outcome(self, trial: Trial, seeds: Sequence[int]) -> Outcome:
        """What came of a trial so far."""
        seeds = () if trial.problem else seeds
        return Outcome(trial, [self.result(trial.config, seed) for seed in seeds])

    def result(self, config: str, seed: int) -> Result:
        """What came of a run so far."""
        key = config, seed
        if key not in self._final:
            result = _read(self.path(config, seed), config, seed, self._metric)
            if result.status not in FINAL:
                return result
            self._final[key] = result
        return self._final[key]


def intermediate(run: RunDirectory, metric: str) -> dict[int, float]:
    """A metric of the validation split by step; raises DamagedRun."""
    lines = JsonLines.read(run.metrics_jsonl)
    values, place, name = {}, 0, f'"{metric}"'.encode()
    while (place := lines.content.find(name, place)) >= 0:
        record = lines.record_at(place)
        step, value = record.get("step"), record.get(metric)
        if isinstance(step, int) and isinstance(value, int | float):
            values[step] = float(value)
        place = lines.content.index(b"\n", place)
    return values


def _read(path: Path, config: str, seed: int, metric: str) -> Result:
    run = RunDirectory(path)
    if not path.exists() or (_begun(path) and not (run.status_file.exists() or run.metrics_jsonl.exists())):
        return Result(seed, path, "new")
    try:
        run = RunDirectory.open(path)
        status, snapshot = run.status, Snapshot.of(run)
        if config_id(snapshot.experiment) != config:
            what = f"{path}: the config has changed while the sweep ran. Rename the run, or delete it."
            return Result(seed, path, "broken", problem=what)
        mark, history = Mark.of(run), read_history(run)
        # A run that is being stopped early may still be faster and finish.
        pruned = mark.pruned if mark is not None and status not in ("finished", "running") else ""
        here: Status = "running" if status == "running" else "stopped"
        if status == "finished" or status == "diverged":
            here = status
        return Result(
            seed=seed,
            path=path,
            status="pruned" if pruned else here,
            step=history.step,
            values=intermediate(run, metric),
            value=history.valid.get(metric) if status == "finished" else None,
            seconds=0.0 if mark is None else mark.seconds,
            problem=pruned,
        )
    except (DamagedRun, UsageError) as error:
        return Result(seed, path, "broken", problem=str(error))


def _begun(path: Path) -> bool:
    """Whether a folder is that of a run, or has nothing but what a killed process left in a new one."""
    return path.is_dir() and (is_run(path) or all(LEFTOVER.fullmatch(each.name) for each in path.iterdir()))


def _finished(output: Path, task: str) -> dict[tuple[str, int], Path]:
    """All finished runs of a task by config and seed."""
    found = {}
    for path in run_folders(output, task):
        try:
            run = RunDirectory.open(path)
            if run.status == "finished":
                snapshot = Snapshot.of(run)
                found[config_id(snapshot.experiment), snapshot.seed] = path
        except (DamagedRun, UsageError):
            continue
    return found
