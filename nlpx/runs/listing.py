"""Summaries of runs for a list."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from nlpx.components.metrics.base import Direction
from nlpx.errors import DamagedRun, UsageError
from nlpx.runs.directory import RunDirectory, Status
from nlpx.runs.folders import run_folders, task_of
from nlpx.runs.history import pointed_step, read_history
from nlpx.runs.identity import config_id, data_id
from nlpx.runs.lookup import labels_of
from nlpx.runs.notes import Notes
from nlpx.runs.record import EvaluationRecord, Snapshot


@dataclass(frozen=True)
class Summary:
    """The summary of a run.

    Attributes:
        label: the id, or `TASK/ID` if another run in the list has the same id.
        status: `broken` if the folder cannot be read as a run; `problem` is the reason.
        created: UTC, ISO 8601.
        monitor: the metric that `value` is one of: `valid/NAME` at the best checkpoint, or `SPLIT/NAME`.
        direction: whether lower or higher values are better.
        size: size in bytes.
        seed: seed of the run.
        config: hash of the config without the seed.
        data: hash of the data.
        tags, note: what the user has noted.
    """

    id: str
    label: str
    task: str
    path: str
    status: Status | Literal["broken"]
    created: str
    step: int | None = None
    monitor: str | None = None
    value: float | None = None
    best_step: int | None = None
    size: int = 0
    problem: str | None = None
    direction: Direction | None = None
    seed: int | None = None
    config: str = ""
    data: str = ""
    tags: list[str] = field(default_factory=list)
    note: str = ""


def summaries(root: Path, task: str | None = None, metric: str | None = None) -> list[Summary]:
    """All runs under `root`, complete or damaged, newest first.

    Args:
        metric: `SPLIT/NAME`; None selects that by which each run chose its best checkpoint.
    """
    folders = run_folders(root, task)
    labels = dict(zip(folders, labels_of(folders), strict=True))
    found = [replace(summarize(path, metric), label=labels[path]) for path in folders]
    return sorted(found, key=lambda run: (run.created, run.id), reverse=True)


def summarize(path: Path, metric: str | None = None) -> Summary:
    """The summary of a folder; a folder that cannot be read gets a summary with the reason."""
    try:
        return summary_of(RunDirectory.open(path), metric)
    except (UsageError, DamagedRun, OSError) as error:
        size, changed = _size(path)
        return Summary(
            id=RunDirectory(path).id,
            label=RunDirectory(path).id,
            task=task_of(path),
            path=str(path),
            status="broken",
            created=_moment(changed),
            size=size,
            problem=str(error),
        )


def summary_of(run: RunDirectory, metric: str | None = None) -> Summary:
    """The summary of a complete run; raises DamagedRun."""
    snapshot, history, notes = Snapshot.of(run), read_history(run), Notes.of(run)
    monitor = metric or snapshot.monitor
    return Summary(
        id=run.id,
        label=run.id,
        task=snapshot.task,
        path=str(run.path),
        status=run.status,
        created=snapshot.created,
        # An interrupted run may have saved a later step than the last recorded one.
        step=max(history.step, pointed_step(run.last) or 0),
        monitor=monitor,
        value=_value(run, monitor, history.valid),
        best_step=history.best_step,
        size=_size(run.path)[0],
        direction=snapshot.directions.get(monitor.rpartition("/")[2]),
        seed=snapshot.seed,
        config=config_id(snapshot.experiment),
        data=data_id(snapshot),
        tags=notes.tags,
        note=notes.note,
    )


def _value(run: RunDirectory, metric: str, valid: Mapping[str, float]) -> float | None:
    """A metric of the best checkpoint: measured in training, or else by an evaluation; None for NaN."""
    value = valid.get(metric)
    if value is None:
        split, _, name = metric.partition("/")
        path = run.eval_path(split)
        value = EvaluationRecord.read(path).metrics.get(name) if path.is_file() else None
    return None if value is None or math.isnan(value) else value


def folder_size(path: Path) -> int:
    """Size of all files below a folder in bytes."""
    return _size(path)[0]


def _moment(seconds: float) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")
    except (OverflowError, ValueError, OSError):
        return ""


def _size(path: Path) -> tuple[int, float]:
    """Size of all files below a folder, and its modification time; files may be deleted meanwhile."""
    size = 0
    for folder, _, names in os.walk(path):
        for name in names:
            try:
                size += (Path(folder) / name).lstat().st_size
            except OSError:
                continue
    try:
        return size, path.stat().st_mtime
    except OSError:
        return size, 0.0
