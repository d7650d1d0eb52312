"""Files as nlpx opens and leaves them: regular and bounded when read, whole or not there when written."""

from __future__ import annotations

import glob
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
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


class Unreadable(Exception):
    """A file that is not read. The message is the reason alone, without the path."""


class TooLarge(Unreadable):
    """A file of more bytes than are read."""


def open_regular(path: Path, *, follow: bool = True) -> BinaryIO:
    """Open a regular file for reading.

    Whatever else may stand at the path is not opened at all: a pipe would block, and a device never ends.

    Args:
        path: of the file.
        follow: whether the path itself may be a symbolic link.

    Raises:
        FileNotFoundError: there is nothing at the path.
        Unreadable: it is not a regular file, or it cannot be opened.
    """
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW)
    try:
        # Opening a device can have effects by itself: look first.
        _expect_regular(path.stat(follow_symlinks=follow))
        file = cast(BinaryIO, os.fdopen(os.open(path, flags), "rb"))
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from None
    except ValueError:
        raise Unreadable("a path holds no NUL character") from None
    try:
        _expect_regular(os.fstat(file.fileno()))
    except Unreadable:
        file.close()
        raise
    return file


def read_regular(path: Path, limit: int, *, follow: bool = True) -> bytes:
    """The content of a regular file of at most `limit` bytes.

    Raises:
        FileNotFoundError, Unreadable: as `open_regular`, and where the file is larger.
    """
    with open_regular(path, follow=follow) as file:
        try:
            # Not the size that stat tells: files of /proc have size 0, and a file may grow meanwhile.
            content = cast(bytes | None, file.read(limit + 1))
        except OSError as error:
            raise Unreadable(error.strerror or str(error)) from None
    if content is None:
        # Some files of /proc are regular by name, and wait for what has not happened yet.
        raise Unreadable("it has no end: nothing is there to be read now")
    if len(content) > limit:
        raise TooLarge(f"it is larger than {limit:,} bytes")
    return content


def open_appending(path: Path) -> BinaryIO:
    """Open a regular file for adding at its end; it is made where there is none.

    A symbolic link at the path is not followed, a device or a pipe is not opened.

    Raises:
        OSError: it cannot be opened, or something else stands there.
    """
    with suppress(FileNotFoundError):
        try:
            _expect_regular(path.lstat())
        except Unreadable as reason:
            raise OSError(str(reason)) from None
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    return cast(BinaryIO, os.fdopen(os.open(path, flags, 0o666), "ab"))


def make_folder(path: Path) -> None:
    """Make a folder, and those above it, where it is not there; what is written into it stays there.

    Raises:
        OSError: it cannot be made, or a link or a file stands at the path.
    """
    path.mkdir(parents=True, exist_ok=True)
    mode = path.lstat().st_mode
    if not stat.S_ISDIR(mode):
        raise OSError(f"it is {KINDS.get(stat.S_IFMT(mode), 'a file')}, not a folder")


def _expect_regular(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise Unreadable(f"it is {KINDS.get(stat.S_IFMT(status.st_mode), 'not a file')}, not a regular file")


def replace_file(path: Path, content: str | bytes) -> None:
    """Write a file so that a reader, and a crash, sees the old content or the new one.

    Raises:
        EnvironmentProblem: as `writing`; the old content stays.
    """
    with _replacing(path) as file:
        file.write(content.encode("utf-8") if isinstance(content, str) else content)


@contextmanager
def writing(path: Path) -> Iterator[TextIO]:
    r"""A text file that takes its name at the end of the block; before, and on any error, the old one stays.

    UTF-8, lines end in \n. A symbolic link at the path is replaced, not followed; a device, a pipe or a
    folder is left alone.

    Raises:
        EnvironmentProblem: the folder cannot be written, the disk is full, or a device stands there.
    """
    with _replacing(path) as file:
        text = TextIOWrapper(file, encoding="utf-8", newline="\n")
        yield text
        text.detach()


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        _expect_replaceable(path)
        _delete_leftovers(path)
        # A file left by a killed process of the same number, or a link that somebody put there.
        temporary.unlink(missing_ok=True)
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_path(path.parent)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise EnvironmentProblem(
                f"{path}: cannot be written: {error.strerror or error}. "
                "Free space, make the folder writable, or choose another place."
            ) from error
        raise


def _delete_leftovers(path: Path) -> None:
    """Delete what processes left that were killed while they wrote this file."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.tmp"):
        number = left.name.removeprefix(f".{path.name}.").removesuffix(".tmp")
        if number.isdecimal() and not _runs(int(number)):
            left.unlink(missing_ok=True)


def _runs(process: int) -> bool:
    try:
        with suppress(PermissionError):  # somebody else's
            os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    return True


def _expect_replaceable(path: Path) -> None:
    # A rename would put a file in the place of /dev/null.
    with suppress(FileNotFoundError):
        mode = path.lstat().st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISLNK(mode):
            raise OSError(f"it is {KINDS.get(stat.S_IFMT(mode), 'not a file')}, not a regular file")


def sync_path(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def file_hash(path: Path) -> str:
    """sha256 of a file, as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def current_folder() -> Path:
    """The folder that relative paths are relative to.

    Raises:
        EnvironmentProblem: it has been deleted.
    """
    try:
        return Path.cwd()
    except OSError as error:
        raise EnvironmentProblem(
            f"the current folder cannot be used: {error.strerror}. It was deleted or moved while the shell "
            "was in it: go to another folder (cd) and try again."
        ) from None
