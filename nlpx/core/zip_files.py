"""Zip files whose files are stored as they are: write a folder as one, and read one that may be hostile."""

from __future__ import annotations

import os
import shutil
import stat
import struct
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from nlpx.core.files import Unreadable, open_regular, replacing
from nlpx.core.paths import is_folder

SUFFIX = ".zip"
PORTION = 1 << 20
OLDEST = (1980, 1, 1, 0, 0, 0)
"""The date of all files, so that equal folders give equal zip files."""
BROKEN = (zipfile.BadZipFile, EOFError, NotImplementedError, OSError, ValueError, struct.error)
"""What reading a damaged zip file raises."""
SHOWN = 100


def is_zip(path: Path) -> bool:
    """Whether a path means a zip file, by its name."""
    return path.suffix.lower() == SUFFIX and not is_folder(path)


def zip_folder(folder: Path, path: Path) -> int:
    """Write the files of a folder as one file, which appears when it is complete; returns its size.

    Raises:
        OSError: it cannot be written; nothing is left.
    """
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "x", zipfile.ZIP_STORED) as file:
        for name in sorted(folder.rglob("*")):
            if name.is_file():
                entry = zipfile.ZipInfo(name.relative_to(folder).as_posix(), OLDEST)
                entry.external_attr = (stat.S_IFREG | 0o644) << 16
                entry.file_size = name.stat().st_size
                with name.open("rb") as source, file.open(entry, "w") as target:
                    shutil.copyfileobj(source, target, PORTION)
    return path.stat().st_size


class StoredFiles:
    """The files in a zip file, by the names that it gives them, which may be any.

    They are not compressed, and together no larger than the zip file.

    Args:
        file: an open zip file.
        entries: of all files.
    """

    def __init__(self, file: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo]) -> None:
        self._file, self._entries = file, entries
        self.sizes = {name: entry.file_size for name, entry in entries.items()}

    def portions(self, name: str) -> Iterator[bytes]:
        """The content of a file; raises Unreadable if it is damaged."""
        try:
            with self._file.open(self._entries[name]) as file:
                while portion := file.read(PORTION):
                    yield portion
        except BROKEN as error:
            raise Unreadable(f"{name[:SHOWN]!r} cannot be read: {_reason(error)}") from None


@contextmanager
def open_stored(path: Path) -> Iterator[StoredFiles]:
    """Open a zip file.

    Raises:
        FileNotFoundError: there is none.
        Unreadable: it is not a zip file, or it contains anything but files that are stored as they are.
    """
    with open_regular(path) as content:
        try:
            file = zipfile.ZipFile(content)
        except BROKEN as error:
            raise Unreadable(f"not a zip file that can be read: {_reason(error)}") from None
        with file:
            yield StoredFiles(file, _entries(file, os.fstat(content.fileno()).st_size))


def _entries(file: zipfile.ZipFile, size: int) -> dict[str, zipfile.ZipInfo]:
    entries: dict[str, zipfile.ZipInfo] = {}
    for entry in file.infolist():
        name, mode = entry.filename, stat.S_IFMT(entry.external_attr >> 16)
        if name in entries:
            raise Unreadable(f"it contains {name[:SHOWN]!r} twice")
        if entry.is_dir() or mode not in (0, stat.S_IFREG):
            raise Unreadable(f"it contains {name[:SHOWN]!r}, which is not a regular file")
        if entry.flag_bits & 1 or entry.compress_type != zipfile.ZIP_STORED:
            raise Unreadable(
                f"{name[:SHOWN]!r} is encrypted or compressed; expected files stored as they are"
            )
        entries[name] = entry
    if sum(entry.file_size for entry in entries.values()) > size:
        raise Unreadable("the files in it are larger than itself")
    return entries


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or "it ends too early"
