"""The folders of runs on the disk; shell completion reads them, so nothing else is imported."""

from __future__ import annotations

import os
import re
from pathlib import Path

ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{6}")


def run_folders(root: Path, task: str | None = None) -> list[Path]:
    """Folders of runs, complete or damaged: `root/TASK/ID`, and `root/ID` if `root` is that of a task."""
    found = []
    for folder in _folders(root):
        if _looks_like_run(folder):
            found.append(folder)
        else:
            found += filter(_looks_like_run, _folders(folder))
    return [path for path in found if task is None or task_of(path) == task]


def is_run(path: Path) -> bool:
    """Whether a folder contains a run, complete or damaged."""
    return any(os.path.lexists(path / name) for name in ("config.yaml", "snapshot.json", "STATUS"))


def whole_path(path: Path) -> Path:
    """The absolute path of a run, which ends in its task and its name; a run that is a link stays one."""
    if ".." not in path.parts:
        return path.absolute()
    if path.name == "..":
        return Path(os.path.realpath(path))
    return Path(os.path.realpath(path.parent), path.name)


def task_of(path: Path) -> str:
    """The task of a run, which is the name of its parent folder."""
    return Path(os.path.abspath(path)).parent.name  # noqa: PTH100  (a link is not followed)


def _looks_like_run(path: Path) -> bool:
    return is_run(path) or ID.fullmatch(path.name) is not None


def _folders(path: Path) -> list[Path]:
    try:
        # isdir, because Path.is_dir raises for a folder without permission.
        return sorted(
            child
            for child in path.iterdir()
            if os.path.isdir(child) and not child.name.startswith(".")  # noqa: PTH112
        )
    except OSError:
        return []
