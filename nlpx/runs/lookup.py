"""Runs on the disk: all of them, the one that a name means, the newest."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from pathlib import Path

from nlpx.errors import UsageError
from nlpx.runs.directory import RunDirectory, is_run
from nlpx.runs.record import Snapshot

ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{6}")


def run_folders(root: Path, task: str | None = None) -> list[Path]:
    """Folders of runs, whole or broken: `root/TASK/ID`, and `root/ID` where `root` is a task's."""
    found = []
    for folder in _folders(root):
        if _looks_like_run(folder):
            found.append(folder)
        else:
            found += filter(_looks_like_run, _folders(folder))
    return [path for path in found if task is None or path.resolve().parent.name == task]


def find(root: Path, name: str) -> RunDirectory:
    """The run that `name` means: a folder, or an id or the beginning of one under `root`.

    Raises:
        UsageError: no run or several runs are meant, or it cannot be opened.
    """
    path = Path(name)
    if name and is_run(path):
        return RunDirectory.open(path)
    known = run_folders(root)
    meant = [run for run in known if run.name == name] or [run for run in known if run.name.startswith(name)]
    if len(meant) == 1:
        return RunDirectory.open(meant[0])
    if meant:
        listed = "".join(f"\n  {run}" for run in meant)
        raise UsageError(f"{name!r} means {len(meant)} runs:{listed}\nGive more of the id, or the folder.")
    if path.exists() or len(path.parts) > 1:
        return RunDirectory.open(path)
    near = difflib.get_close_matches(name, [run.name for run in known], n=3)
    advice = f"Did you mean {' or '.join(near)}?" if near else "`nlpx runs list` shows the runs there are."
    raise UsageError(
        f"there is no run {name!r}: it is not a folder, and no id of the {len(known)} runs under {root} "
        f"begins so. {advice} Another folder of runs is named with --root."
    )


def newest(root: Path, task: str | None = None, *, finished: bool = True) -> RunDirectory:
    """The run that was started last, of those that are whole (and `finished`), of one task or of any.

    Raises:
        UsageError: there is none.
    """
    usable: list[tuple[str, str, RunDirectory]] = []
    others: Counter[str] = Counter()
    for path in run_folders(root, task):
        try:
            run = RunDirectory.open(path)
            status, created = run.status, Snapshot.of(run).created
        except UsageError:
            others["broken"] += 1
            continue
        if finished and status != "finished":
            others[status] += 1
        else:
            usable.append((created, run.id, run))
    if usable:
        return max(usable, key=lambda run: run[:2])[-1]
    tally = ", ".join(f"{count} {status}" for status, count in others.items()) or "no run at all"
    raise UsageError(
        f"there is no {'finished ' if finished else ''}run{f' of {task}' if task else ''} under "
        f"{root.absolute()} ({tally}). Make one with `nlpx train configs/{task or 'couplet'}.yaml`, "
        "name a run, or name another folder of runs with --root."
    )


def _looks_like_run(path: Path) -> bool:
    return is_run(path) or ID.fullmatch(path.name) is not None


def _folders(path: Path) -> list[Path]:
    try:
        return sorted(child for child in path.iterdir() if child.is_dir() and not child.name.startswith("."))
    except OSError:
        return []
