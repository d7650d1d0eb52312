"""Folders of computed files that are written once, whole, and checked when they are opened.

An entry is written under a temporary name, flushed to the disk and renamed, so that a killed process leaves
nothing that looks like an entry, and several processes may write the same one: the first to finish wins.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from nlpx.core.files import Unreadable, file_hash, read_regular, sweep, sync_path
from nlpx.core.json_text import parse_json
from nlpx.errors import EnvironmentProblem

T = TypeVar("T")
MANIFEST = "manifest.json"
LARGEST_MANIFEST = 1 << 20


def open_entry(
    entry: Path,
    write: Callable[[Path], None],
    read: Callable[[Path], T],
    report: Callable[[str], object] = lambda message: None,
) -> tuple[T, bool]:
    """What an entry holds, and whether it was there; one that is missing or damaged is made.

    Args:
        entry: its folder.
        write: puts the files into the folder that it is given.
        read: opens or maps the files of a folder.
        report: told where an entry is damaged.

    Raises:
        EnvironmentProblem: the cache cannot be written.
    """
    if entry.is_dir():
        wrong = damage(entry)
        if wrong is None:
            return read(entry), True
        report(f"{entry}: this cache entry is damaged ({wrong}); it is built again")
        # Processes that have mapped its files keep them.
        shutil.rmtree(entry, ignore_errors=True)

    def made(folder: Path) -> T:
        write(folder)
        return read(folder)

    return write_entry(entry, made), False


def damage(entry: Path) -> str | None:
    """What is wrong with an entry; None if it is as it was written."""
    try:
        hashes = parse_json(read_regular(entry / MANIFEST, LARGEST_MANIFEST))
        # So a manifest names nothing outside, either.
        if not isinstance(hashes, dict) or {*hashes, MANIFEST} != {path.name for path in entry.iterdir()}:
            return "its files are others than those it was written with"
        for name, expected in hashes.items():
            if file_hash(entry / name) != expected:
                return f"{name} has changed"
    except (OSError, Unreadable) as error:
        return str(error)
    return None


def write_entry(entry: Path, write: Callable[[Path], T]) -> T:
    """Make an entry from the files that `write` puts into the folder it is given, and return what it returns.

    What `write` has mapped of its files stays valid, whoever else writes or removes the entry.

    Raises:
        EnvironmentProblem: the cache cannot be written.
    """
    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
        sweep(entry.parent)
        temporary = Path(tempfile.mkdtemp(prefix=".", suffix=".tmp", dir=entry.parent))
        try:
            result = write(temporary)
            hashes = {path.name: file_hash(path) for path in sorted(temporary.iterdir())}
            (temporary / MANIFEST).write_text(json.dumps(hashes), encoding="utf-8")
            for path in [*temporary.iterdir(), temporary]:
                sync_path(path)
            _rename(temporary, entry)
            sync_path(entry.parent)
            return result
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise EnvironmentProblem(
            f"{entry.parent}: the cache of encoded data cannot be written: {error.strerror or error}. "
            "Choose another folder with data.cache or $NLPX_CACHE, or free space."
        ) from error


def _rename(temporary: Path, entry: Path) -> None:
    try:
        temporary.rename(entry)
    except OSError:
        if not entry.is_dir():  # otherwise another process has finished first
            raise
