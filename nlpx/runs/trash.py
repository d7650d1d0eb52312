"""Remove runs in two steps: into the trash of their folder, and from there for good.

ROOT/.trash/TASK/NAME
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from nlpx.core.files import make_folder
from nlpx.errors import EnvironmentProblem, UsageError
from nlpx.runs.folders import is_run, task_of, whole_path
from nlpx.runs.lock import hold
from nlpx.runs.paths import RunPaths

TRASH = ".trash"
BEGUN = {"config.yaml", "resolved.yaml"}
"""Files of a run that was stopped when it was created."""
WRITTEN = {"resolved.yaml", "snapshot.json", "STATUS"}
"""Files of which any other run has at least one."""
DEPTH = 2
"""Number of folders above a run, of its task and of all runs."""


def discard(path: Path) -> Path:
    """Move a run, complete or damaged, to the trash of its folder of runs; gives its new place.

    Raises:
        UsageError: a process trains in it, or it is in no folder of runs.
        EnvironmentProblem: it cannot be moved.
    """
    path = whole_path(path)
    if len(path.parents) < DEPTH:
        raise UsageError(f"{path}: this is not in the folder of a task. Expected RUNS/TASK/RUN.")
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
    """The runs in the trash of a folder of runs, or links to runs; other links are not followed."""
    trash = root / TRASH
    if trash.is_symlink():
        return []
    found = (path for path in trash.glob("*/*") if not path.parent.is_symlink())
    return sorted(path for path in found if path.is_dir() or path.is_symlink())


def in_trash(root: Path, name: str) -> Iterator[Path]:
    """The runs in the trash with a name, NAME or TASK/NAME, or with the folder that they had."""
    for path in discarded(root):
        if name and (path.parent.name, path.name)[-len(Path(name).parts) :] == Path(name).parts[-2:]:
            yield path


def purge(path: Path) -> None:
    """Delete a run that is in the trash, or the link to one; raises EnvironmentProblem."""
    try:
        if path.is_symlink():
            path.unlink()
        else:
            shutil.rmtree(path)
    except OSError as error:
        raise EnvironmentProblem(f"{path}: cannot be deleted: {error.strerror or error}.") from error


def removable(path: Path) -> None:
    """Raise UsageError if a folder is not that of a run, which may be damaged or have just been created."""
    names = {entry.name for entry in path.iterdir()}
    # Many folders of other programs contain a config.yaml.
    if names and not (is_run(path) and (names <= BEGUN or names & WRITTEN)):
        raise UsageError(f"{path}: this folder is not a run, so it is not removed.")


def _free(path: Path) -> Path:
    """A path that does not exist, with a number if necessary."""
    number, found = 2, path
    while found.exists():
        found, number = path.with_name(f"{path.name}.{number}"), number + 1
    return found
