"""Find runs on the disk: all, by name, or the newest."""

from __future__ import annotations

import difflib
import os
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path

from nlpx.core.files import current_folder
from nlpx.errors import DamagedRun, UsageError
from nlpx.runs.directory import RunDirectory
from nlpx.runs.folders import is_run, run_folders, task_of
from nlpx.runs.record import Snapshot


def find(root: Path, name: str) -> RunDirectory:
    """The run called `name`: a folder, ID, TASK/ID, or a prefix of the id. Raises UsageError, DamagedRun."""
    return RunDirectory.open(locate(root, name))


def locate(root: Path, name: str) -> Path:
    """The folder of the run called `name`, which may be damaged; a path that is given need not be a run.

    Raises:
        UsageError: no run has this name, or several have.
    """
    if not name:
        raise UsageError("the name of the run is empty. Is a shell variable not set?")
    path = Path(name)
    if is_run(path):
        return path
    known = run_folders(root)
    task, _, wanted = str(path).rpartition("/")
    candidates = [run for run in known if not task or task_of(run) == task]
    meant = [run for run in candidates if run.name == wanted] or [
        run for run in candidates if run.name.startswith(wanted)
    ]
    if len(meant) == 1:
        return meant[0]
    if meant:
        listed = "".join(f"\n  {label}" for label in labels_of(meant))
        raise UsageError(
            f"{name!r} matches {len(meant)} runs under {root}:{listed}\nGive one of these, or the folder."
        )
    if os.path.lexists(path) or len(path.parts) > 2:
        return path
    if task and task not in map(task_of, known):
        # Neither a folder nor a task that has runs.
        return path
    labels = dict(zip(known, labels_of(known), strict=True))
    names = difflib.get_close_matches(wanted, {run.name for run in candidates}, n=3)
    near = [labels[run] for run in candidates if run.name in names]
    advice = f"Did you mean {' or '.join(near)}?" if near else "`nlpx runs list` shows the available runs."
    raise UsageError(
        f"there is no run {name!r}: it is not a folder, and does not match any of the {len(candidates)} runs"
        f"{f' of {task}' if task else ''} under {root}. {advice} Use --root for another folder of runs."
    )


def labels_of(folders: Sequence[Path]) -> list[str]:
    """Unique names of runs for `find`: ID, or TASK/ID, or the folder."""
    ids = [RunDirectory(path).id for path in folders]
    qualified = [f"{task_of(path)}/{id}" for path, id in zip(folders, ids, strict=True)]
    names, longer = Counter(ids), Counter(qualified)
    return [
        id if names[id] == 1 else name if longer[name] == 1 else str(path)
        for path, id, name in zip(folders, ids, qualified, strict=True)
    ]


def newest(root: Path, tasks: Collection[str] | None = None) -> RunDirectory:
    """The most recently started finished run, of some tasks or any; raises UsageError.

    The trials of a sweep are taken only if there is nothing else: the newest one is seldom a good one.
    """
    usable: list[tuple[bool, str, str, RunDirectory]] = []
    others: Counter[str] = Counter()
    for path in run_folders(root):
        if tasks is not None and task_of(path) not in tasks:
            continue
        try:
            run = RunDirectory.open(path)
            status, created = run.status, Snapshot.of(run).created
        except (UsageError, DamagedRun):
            others["broken"] += 1
            continue
        if status != "finished":
            others[status] += 1
        else:
            usable.append((not run.sweep.exists(), created, run.id, run))
    if usable:
        return max(usable, key=lambda run: run[:3])[-1]
    tally = ", ".join(f"{count} {status}" for status, count in others.items()) or "no runs at all"
    raise UsageError(
        f"there is no finished run under {current_folder() / root} ({tally}). Train one with "
        "`nlpx train configs/couplet.yaml`, give a run, or use --root for another folder of runs."
    )
