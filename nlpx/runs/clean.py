"""Free space: delete checkpoints of finished runs, and pack runs into one file."""

from __future__ import annotations

import hashlib
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nlpx.core.files import file_hash, make_folder, replace_file, replacing
from nlpx.errors import DamagedRun, EnvironmentProblem, UsageError
from nlpx.runs.directory import RunDirectory
from nlpx.runs.folders import whole_path
from nlpx.runs.history import pointed_step
from nlpx.runs.lock import hold

ARCHIVE = ".archive"


@dataclass(frozen=True)
class Waste:
    """A checkpoint that a finished run does not need.

    Attributes:
        size: in bytes.
        best: whether it is the best one, without which the run cannot be used.
    """

    run: RunDirectory
    path: Path
    size: int
    best: bool


def waste(run: RunDirectory, *, best: bool = False) -> list[Waste]:
    """The checkpoints of a finished run that can be deleted; none of a run that could be resumed.

    Args:
        best: whether the best one is listed, too.

    Raises:
        DamagedRun: the run is damaged.
    """
    kept = pointed_step(run.best)
    if run.status != "finished" or kept is None:
        return []
    there = sorted(run.checkpoints.glob("step-*"))
    if there and not (run.checkpoints / f"step-{kept:08d}").is_dir():
        raise DamagedRun(
            run.best,
            f"there is no checkpoint of step {kept}, so no other one is deleted",
            "Write the name of a folder in checkpoints/ to it.",
        )
    found = []
    for path in there:
        is_best = path.name == f"step-{kept:08d}"
        if best or not is_best:
            found.append(Waste(run, path, _size(path), is_best))
    return found


def delete(checkpoint: Waste) -> None:
    """Delete a checkpoint; `last` then names the best one.

    Raises:
        EnvironmentProblem: it cannot be deleted.
    """
    run = checkpoint.run
    try:
        with hold(run.lock):
            if (
                not checkpoint.best
                and run.last.is_file()
                and run.last.read_text().strip() == checkpoint.path.name
            ):
                replace_file(run.last, run.best.read_bytes())
            shutil.rmtree(checkpoint.path)
    except OSError as error:
        raise EnvironmentProblem(
            f"{checkpoint.path}: cannot be deleted: {error.strerror or error}. Make the folder writable."
        ) from error


def archive(run: RunDirectory) -> Path:
    """Pack a run into ROOT/.archive/TASK/NAME.tar.gz, compare it file by file, and delete the folder.

    Raises:
        UsageError: a process trains in the run, it is a link to one, or there is such a file.
        EnvironmentProblem: the file cannot be written, or differs from the run.
    """
    path = whole_path(run.path)
    if path.is_symlink():
        raise UsageError(f"{path}: this is a link to the run {path.resolve()}. Give the run itself.")
    target = path.parents[1] / ARCHIVE / path.parent.name / f"{path.name}.tar.gz"
    if target.exists():
        raise UsageError(f"{target}: this file exists. Rename it, or remove it.")
    try:
        make_folder(target.parent)
        with hold(run.lock):
            with replacing(target) as temporary:
                with tarfile.open(temporary, "x:gz") as packed:
                    packed.add(path, path.name)
                different = _different(path, temporary)
                if different:
                    raise EnvironmentProblem(f"{target}: {different} differs from that of the run.")
            shutil.rmtree(path)
    except OSError as error:
        raise EnvironmentProblem(
            f"{target}: cannot be written: {error.strerror or error}. Free space, or make the folder "
            "writable."
        ) from error
    return target


def _different(folder: Path, packed: Path) -> str:
    """The first file of a folder that an archive does not contain unchanged; empty if there is none."""
    with tarfile.open(packed, "r:gz") as members:
        hashes = dict(_hashes(members))
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder.parent))
        if path.is_file() and not path.is_symlink() and hashes.get(name) != file_hash(path):
            return name
    return ""


def _hashes(members: tarfile.TarFile) -> Iterator[tuple[str, str]]:
    for member in members:
        # A run may contain hidden links, as editors create them; what they lead to is not in the archive.
        content = members.extractfile(member) if member.isreg() else None
        if content is not None:
            yield member.name, hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]


def _size(path: Path) -> int:
    return sum(each.stat().st_size for each in path.rglob("*") if each.is_file())
