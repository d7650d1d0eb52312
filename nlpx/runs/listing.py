"""Summaries of runs for a list."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from nlpx.errors import DamagedRun, UsageError
from nlpx.runs.directory import RunDirectory, Status
from nlpx.runs.history import pointed_step, read_history
from nlpx.runs.lookup import labels_of, run_folders, task_of
from nlpx.runs.record import Snapshot


@dataclass(frozen=True)
class Summary:
    """The summary of a run.

    Attributes:
        label: the id, or `TASK/ID` if another run in the list has the same id.
        status: `broken` if the folder cannot be read as a run; `problem` is the reason.
        created: UTC, ISO 8601.
        size: size in bytes.
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


def summaries(root: Path, task: str | None = None) -> list[Summary]:
    """All runs under `root`, complete or damaged, newest first."""
    folders = run_folders(root, task)
    labels = dict(zip(folders, labels_of(folders), strict=True))
    found = [replace(summarize(path), label=labels[path]) for path in folders]
    return sorted(found, key=lambda run: (run.created, run.id), reverse=True)


def summarize(path: Path) -> Summary:
    """The summary of a folder; a folder that cannot be read gets a summary with the reason."""
    try:
        return summary_of(RunDirectory.open(path))
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


def summary_of(run: RunDirectory) -> Summary:
    """The summary of a complete run; raises DamagedRun."""
    snapshot, history = Snapshot.of(run), read_history(run)
    return Summary(
        id=run.id,
        label=run.id,
        task=snapshot.task,
        path=str(run.path),
        status=run.status,
        created=snapshot.created,
        # An interrupted run may have saved a later step than the last recorded one.
        step=max(history.step, pointed_step(run.last) or 0),
        monitor=snapshot.monitor,
        value=history.valid.get(snapshot.monitor),
        best_step=history.best_step,
        size=_size(run.path)[0],
    )


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
