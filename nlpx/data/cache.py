"""Cache entries: folders of computed files that are written atomically and verified when they are opened.

An entry is written under a temporary name, flushed to the disk and renamed. A killed process therefore leaves
no incomplete entry, and several processes may write the same one; the first to finish wins.
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
    """The content of an entry, and whether it existed; a missing or damaged entry is created."""
    if entry.is_dir():
        wrong = damage(entry)
        if wrong is None:
            return read(entry), True
        report(f"{entry}: this cache entry is damaged ({wrong}) and will be rebuilt")
        # Processes that have mapped its files can still use them.
        shutil.rmtree(entry, ignore_errors=True)

    def made(folder: Path) -> T:
        write(folder)
        return read(folder)

    return write_entry(entry, made), False


def damage(entry: Path) -> str | None:
    """Why an entry is damaged; None if it is intact."""
    try:
        hashes = parse_json(read_regular(entry / MANIFEST, LARGEST_MANIFEST))
        # This also ensures that a manifest cannot name files outside the entry.
        if not isinstance(hashes, dict) or {*hashes, MANIFEST} != {path.name for path in entry.iterdir()}:
            return "its files are others than those it was written with"
        for name, expected in hashes.items():
            if file_hash(entry / name) != expected:
                return f"{name} has changed"
    except (OSError, Unreadable) as error:
        return str(error)
    return None


def write_entry(entry: Path, write: Callable[[Path], T]) -> T:
    """Create an entry from the files that `write` writes to a given folder, and return its result.

    Files mapped by `write` stay valid even if another process writes or deletes the entry.

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
        if not entry.is_dir():  # otherwise another process finished first
            raise
