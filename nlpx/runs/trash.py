"""Remove runs in two steps: into the trash of their folder, and from there for good.

ROOT/.trash/TASK/NAME
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from nlpx.core.files import make_folder
from nlpx.errors import EnvironmentProblem, UsageError
from nlpx.runs.folders import is_run, task_of
from nlpx.runs.lock import hold
from nlpx.runs.paths import RunPaths

TRASH = ".trash"


def discard(path: Path) -> Path:
    """Move a run, complete or damaged, to the trash of its folder of runs; gives its new place.

    Raises:
        UsageError: a process trains in it.
        EnvironmentProblem: it cannot be moved.
    """
    path = path.absolute()
    target = _free(path.parents[1] / TRASH / task_of(path) / path.name)
    try:
        make_folder(target.parent)
        with hold(RunPaths(path).lock):
            path.rename(target)
    except OSError as error:
        raise EnvironmentProblem(
            f"{path}: cannot be moved to {target}: {error.strerror or error}. Make the folder writable."
        ) from error
    return target


def restore(path: Path) -> Path:
    """Move a run from the trash back; gives its place.

    Raises:
        UsageError: its name is in use again.
        EnvironmentProblem: it cannot be moved.
    """
    target = path.parents[2] / path.parent.name / path.name
    if target.exists():
        raise UsageError(f"{target}: this name is in use again. Rename or remove that run first.")
    try:
        make_folder(target.parent)
        path.rename(target)
    except OSError as error:
        raise EnvironmentProblem(f"{path}: cannot be moved back: {error.strerror or error}.") from error
    return target


def discarded(root: Path) -> list[Path]:
    """The runs in the trash of a folder of runs."""
    return sorted(path for path in (root / TRASH).glob("*/*") if path.is_dir())


def in_trash(root: Path, name: str) -> Iterator[Path]:
    """The runs in the trash with a name, NAME or TASK/NAME, or with the folder that they had."""
    for path in discarded(root):
        if name and (path.parent.name, path.name)[-len(Path(name).parts) :] == Path(name).parts[-2:]:
            yield path


def purge(path: Path) -> None:
    """Delete a run that is in the trash; raises EnvironmentProblem."""
    try:
        shutil.rmtree(path)
    except OSError as error:
        raise EnvironmentProblem(f"{path}: cannot be deleted: {error.strerror or error}.") from error


def removable(path: Path) -> None:
    """Raise UsageError if a folder is not that of a run."""
    if not is_run(path) and any(path.iterdir()):
        raise UsageError(f"{path}: this folder is not a run, so it is not removed.")


def _free(path: Path) -> Path:
    """A path that does not exist, with a number if necessary."""
    number, found = 2, path
    while found.exists():
        found, number = path.with_name(f"{path.name}.{number}"), number + 1
    return found
