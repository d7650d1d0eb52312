"""Folders of computed files that are written once, whole, and checked when they are opened.

An entry is written under a temporary name, flushed to the disk and renamed, so that a killed process leaves
nothing that looks like an entry, and several processes may write the same one: the first to finish wins.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, TypeVar, cast

from nlpx.core.files import Unreadable, open_regular, read_regular, sync_path
from nlpx.core.json_text import parse_json
from nlpx.errors import EnvironmentProblem

T = TypeVar("T")
MANIFEST = "manifest.json"
LARGEST_MANIFEST = 1 << 20
ABANDONED_AFTER = 24 * 3600.0
"""Seconds after which a temporary folder is that of a process that was killed."""


def damage(entry: Path) -> str | None:
    """What is wrong with an entry; None if it is as it was written."""
    try:
        hashes = parse_json(read_regular(entry / MANIFEST, LARGEST_MANIFEST))
        # So a manifest names nothing outside, either.
        if not isinstance(hashes, dict) or {*hashes, MANIFEST} != {path.name for path in entry.iterdir()}:
            return "its files are others than those it was written with"
        for name, expected in hashes.items():
            with open_regular(entry / name) as file:
                if _digest(file) != expected:
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
        _sweep(entry.parent)
        temporary = Path(tempfile.mkdtemp(prefix=".", suffix=".tmp", dir=entry.parent))
        try:
            result = write(temporary)
            hashes = {path.name: _sha256(path) for path in sorted(temporary.iterdir())}
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


def remove_entry(entry: Path) -> None:
    """Take an entry away. Processes that have mapped its files keep them."""
    shutil.rmtree(entry, ignore_errors=True)


def _rename(temporary: Path, entry: Path) -> None:
    try:
        temporary.rename(entry)
    except OSError:
        if not entry.is_dir():  # otherwise another process has finished first
            raise


def _sweep(folder: Path) -> None:
    for path in folder.glob(".*.tmp"):
        try:
            abandoned = time.time() - path.stat().st_mtime > ABANDONED_AFTER
        except FileNotFoundError:
            continue
        if abandoned:
            shutil.rmtree(path, ignore_errors=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return _digest(file)


def _digest(file: BinaryIO) -> str:
    return hashlib.file_digest(cast(BufferedReader, file), "sha256").hexdigest()
