"""Read regular files of bounded size, and write files atomically."""

from __future__ import annotations

import errno
import glob
import hashlib
import os
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader, TextIOWrapper
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from nlpx.errors import EnvironmentProblem

KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFLNK: "a symbolic link",
}

ABANDONED_AFTER = 24 * 3600.0
"""Seconds after which a temporary file is that of a process that was killed."""


class Unreadable(Exception):
    """A file that cannot be read. The message is the reason, without the path."""


class TooLarge(Unreadable):
    """A file that exceeds the size limit."""


def open_regular(path: Path, *, follow: bool = True) -> BinaryIO:
    """Open a regular file for reading.

    Other kinds of files are not opened: a pipe would block, and a device may have no end.

    Args:
        path: path of the file.
        follow: whether the path itself may be a symbolic link.

    Raises:
        FileNotFoundError: the path does not exist.
        Unreadable: it is not a regular file, or it cannot be opened.
    """
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW)
    try:
        # Opening a device may have side effects, so check first.
        _expect_regular(path.stat(follow_symlinks=follow))
        file = cast(BinaryIO, os.fdopen(os.open(path, flags), "rb"))
    except NotADirectoryError:
        raise FileNotFoundError(errno.ENOENT, "a part of the path is no folder", str(path)) from None
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from None
    except ValueError:
        raise Unreadable("a path cannot contain a NUL character") from None
    try:
        _expect_regular(os.fstat(file.fileno()))
    except Unreadable:
        file.close()
        raise
    return file


def read_regular(path: Path, limit: int, *, follow: bool = True) -> bytes:
    """The content of a regular file of at most `limit` bytes.

    Raises:
        FileNotFoundError, Unreadable: as in `open_regular`; also if the file is larger.
    """
    with open_regular(path, follow=follow) as file:
        try:
            # Do not rely on the size from stat: files in /proc have size 0, and a file may grow meanwhile.
            content = cast(bytes | None, file.read(limit + 1))
        except OSError as error:
            raise Unreadable(error.strerror or str(error)) from None
    if content is None:
        # Some regular files in /proc block until an event occurs.
        raise Unreadable("it has no end, and no data is available now")
    if len(content) > limit:
        raise TooLarge(f"it is larger than {limit:,} bytes")
    return content


def open_appending(path: Path) -> BinaryIO:
    """Open a regular file for appending; it is created if it does not exist.

    Symbolic links are not followed, devices and pipes not opened.

    Raises:
        OSError: it cannot be opened, or is not a regular file.
    """
    with suppress(FileNotFoundError):
        try:
            _expect_regular(path.lstat())
        except Unreadable as reason:
            raise OSError(str(reason)) from None
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    return cast(BinaryIO, os.fdopen(os.open(path, flags, 0o666), "ab"))


def make_folder(path: Path) -> None:
    """Create a folder and its parents if it does not exist.

    Raises:
        OSError: it cannot be created, or the path is a link or a file.
    """
    path.mkdir(parents=True, exist_ok=True)
    mode = path.lstat().st_mode
    if not stat.S_ISDIR(mode):
        raise OSError(f"it is {KINDS.get(stat.S_IFMT(mode), 'a file')}, not a folder")


def _expect_regular(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise Unreadable(f"it is {KINDS.get(stat.S_IFMT(status.st_mode), 'not a file')}, not a regular file")


def replace_file(path: Path, content: str | bytes, *, mode: int | None = None) -> None:
    """Write a file atomically: readers see either the old content or the new one, even after a crash.

    Args:
        mode: its permissions; None for those of new files.

    Raises:
        EnvironmentProblem: as in `writing`; the old content is kept.
    """
    with _replacing(path) as file:
        if mode is not None:
            os.fchmod(file.fileno(), mode)
        file.write(content.encode("utf-8") if isinstance(content, str) else content)


@contextmanager
def writing(path: Path) -> Iterator[TextIO]:
    r"""A text file that is renamed into place at the end of the block; on errors, the old file is kept.

    UTF-8, lines end in \n. A symbolic link at the path is replaced, not followed; devices, pipes and
    folders are not replaced.

    Raises:
        EnvironmentProblem: the folder is not writable, the disk is full, or the path is a device.
    """
    with _replacing(path) as file:
        text = TextIOWrapper(file, encoding="utf-8", newline="\n")
        yield text
        text.detach()


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    try:
        with replacing(path) as temporary, temporary.open("xb") as file:
            yield file
    except OSError as error:
        raise EnvironmentProblem(
            f"{path}: cannot be written: {error.strerror or error}. "
            "Free space, make the folder writable, or choose another path."
        ) from error


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A new path in the folder of another, whose file takes its place at the end of the block, on the disk.

    On any error, what was at the path stays, and the new file is deleted.

    Raises:
        OSError: it cannot be written, or a device or a folder is at the path.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    _expect_replaceable(path)
    delete_leftovers(path)
    # A file left by a killed process with the same id, or a link created by somebody else.
    temporary.unlink(missing_ok=True)
    try:
        yield temporary
        sync_path(temporary)
        temporary.replace(path)
        sync_path(path.parent)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Delete the temporary files and folders in a folder of nlpx that killed processes left, after a day."""
    for path in folder.glob(".*.tmp"):
        with suppress(FileNotFoundError):
            if time.time() - path.lstat().st_mtime > ABANDONED_AFTER:
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink()


def delete_leftovers(path: Path) -> None:
    """Delete temporary files and folders that killed processes left while they wrote this file or folder."""
    for left in path.parent.glob(f".{glob.escape(path.name)}[.-]*.tmp"):
        number = left.name[len(path.name) + 2 :].removesuffix(".tmp")
        if not number.isdecimal() or _runs(int(number)):
            continue
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def _runs(process: int) -> bool:
    try:
        with suppress(PermissionError):  # it belongs to another user
            os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    return True


def _expect_replaceable(path: Path) -> None:
    # A rename would replace even /dev/null by a file.
    with suppress(FileNotFoundError):
        mode = path.lstat().st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISLNK(mode):
            raise OSError(f"it is {KINDS.get(stat.S_IFMT(mode), 'not a file')}, not a regular file")


def sync_path(path: Path) -> None:
    """Flush a file, or the entries of a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def file_hash(path: Path, *, follow: bool = True) -> str:
    """SHA-256 of a regular file in hexadecimal digits; raises OSError."""
    try:
        with open_regular(path, follow=follow) as file:
            return hashlib.file_digest(cast(BufferedReader, file), "sha256").hexdigest()
    except Unreadable as error:
        raise OSError(str(error)) from None


def current_folder() -> Path:
    """The folder that relative paths are relative to.

    Raises:
        EnvironmentProblem: it has been deleted.
    """
    try:
        return Path.cwd()
    except OSError as error:
        raise EnvironmentProblem(
            f"the current folder cannot be used: {error.strerror}. It has been deleted or moved. "
            "Change to another folder (cd) and try again."
        ) from None
