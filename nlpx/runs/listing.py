"""One line about each run."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from nlpx.errors import UsageError
from nlpx.runs.directory import RunDirectory, Status
from nlpx.runs.history import pointed_step, read_history
from nlpx.runs.lookup import run_folders
from nlpx.runs.record import Snapshot


@dataclass(frozen=True)
class Summary:
    """A run in short.

    Attributes:
        id, task, path: which run.
        status: `broken` where the folder cannot be read as a run; `problem` says why.
        created: UTC, ISO 8601.
        step: the last one that was recorded.
        monitor: the number that decides which checkpoint is best.
        value: that number at the best checkpoint.
        best_step: its step.
        size: bytes on the disk.
        problem: what is wrong with the folder.
    """

    id: str
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
    """All runs under `root`, whole or broken, the newest first."""
    found = [summarize(path) for path in run_folders(root, task)]
    return sorted(found, key=lambda run: (run.created, run.id), reverse=True)


def summarize(path: Path) -> Summary:
    """The run of a folder; a folder that cannot be read is described, not refused."""
    size, changed = _size(path)
    name, task = path.resolve().name, path.resolve().parent.name
    try:
        run = RunDirectory.open(path)
        snapshot, history, best = Snapshot.of(run), read_history(run), pointed_step(run.best)
        return Summary(
            id=name,
            task=snapshot.task,
            path=str(path),
            status=run.status,
            created=snapshot.created,
            step=history.step,
            monitor=snapshot.monitor,
            value=history.at(best).get(snapshot.monitor),
            best_step=best,
            size=size,
        )
    except (UsageError, OSError) as error:
        created = datetime.fromtimestamp(changed, UTC).isoformat(timespec="microseconds")
        return Summary(
            id=name,
            task=task,
            path=str(path),
            status="broken",
            created=created,
            size=size,
            problem=str(error),
        )


def _size(path: Path) -> tuple[int, float]:
    """Bytes of all files below a folder, and when the folder last changed; files may vanish meanwhile."""
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
