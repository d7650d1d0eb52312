"""Runs that a config names by id, such as `first` or `couplet/first`."""

from __future__ import annotations

from pathlib import Path

from nlpx.core.paths import is_file, is_folder

RUNS = Path("runs")
"""The folder of runs if no other one is given."""
SNAPSHOT, CHECKPOINT = "snapshot.json", "manifest.json"
"""A file of every run, and of every checkpoint."""


def is_trained(folder: Path) -> bool:
    """Whether a folder is that of a run or a checkpoint."""
    return any(is_file(folder / name) for name in (SNAPSHOT, CHECKPOINT))


def named_runs(runs: Path, name: str) -> list[Path]:
    """The runs with an id, or with TASK/ID, under a folder of runs."""
    if len(Path(name).parts) > 2 or Path(name).is_absolute() or ".." in Path(name).parts:
        return []
    try:
        folders = [runs, *sorted(folder for folder in runs.iterdir() if is_folder(folder))]
    except OSError:
        return []
    return [path for folder in folders if is_trained(path := (folder / name).absolute())]
