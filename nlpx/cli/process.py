"""Set up the process: UTF-8 in every locale, open standard streams, an existing working directory."""

from __future__ import annotations

import errno
import os
import sys
from io import BufferedWriter, FileIO, TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from nlpx.errors import EnvironmentProblem, NlpxError, UsageError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

STANDARD_OUTPUT = "standard output"
COMPLETE = "_NLPX_COMPLETE"
"""The environment variable by which a shell asks for completions; click fixes its name."""

LONGEST_SHOWN = 100
MACHINE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO}
"""System errors that cannot be caused by a bug in the program."""


def enter_utf_8_mode() -> None:
    """Restart the program in the UTF-8 mode of Python if the locale has another encoding.

    Arguments, file names and files are then UTF-8. Other bytes in an argument become surrogates, so that a
    file with that name can still be opened.
    """
    foreign = sys.getfilesystemencoding().lower() != "utf-8"
    if foreign and not sys.flags.utf8_mode and sys.executable and os.name == "posix":
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])


def open_streams() -> None:
    """Replace closed standard streams with /dev/null.

    Otherwise the next file to be opened would get their descriptor and receive what is printed.

    Raises:
        EnvironmentProblem: standard output is closed.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free descriptor, which is this one
    if sys.stderr is None:
        sys.stderr = _nowhere()
    if sys.stdout is None:
        sys.stdout = _nowhere()
        raise EnvironmentProblem(
            "standard output is closed, so results cannot be written. "
            "Open it, or discard them with `> /dev/null`."
        )


def _nowhere() -> TextIO:
    return TextIOWrapper(FileIO(os.devnull, "w"), encoding="utf-8")


def expect_folder() -> None:
    """Raise EnvironmentProblem if the working directory has been deleted."""
    try:
        Path.cwd()
    except FileNotFoundError:
        raise EnvironmentProblem(
            "the working directory has been deleted, so relative paths are invalid. Change it with `cd`."
        ) from None


class StandardOutput(FileIO):
    """The file of standard output, which puts its name into errors."""

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            error.filename = STANDARD_OUTPUT
            raise


def write_utf_8() -> None:
    """Write UTF-8 in every locale, and file names as they were read."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.flush()
        sys.stdout = TextIOWrapper(
            BufferedWriter(StandardOutput(sys.stdout.fileno(), "w", closefd=False)),
            encoding="utf-8",
            errors="surrogateescape",
            line_buffering=sys.stdout.line_buffering,
            write_through=sys.stdout.write_through,
        )
    if isinstance(sys.stderr, TextIOWrapper):
        sys.stderr.reconfigure(encoding="utf-8", errors="backslashreplace")


def problem_of_machine(error: OSError) -> NlpxError | None:
    """The message for an unexpected system error; None if it may be caused by a bug."""
    if error.errno == errno.ENAMETOOLONG:
        return UsageError(
            f"{str(error.filename)[:LONGEST_SHOWN]}...: this is too long for the name of a file or folder. "
            "Check the path."
        )
    if error.filename == STANDARD_OUTPUT:
        return EnvironmentProblem(
            f"{STANDARD_OUTPUT}: cannot be written: {error.strerror}. Free space, or write elsewhere."
        )
    if error.errno not in MACHINE:
        return None
    where = f"{error.filename}: " if error.filename else ""
    return EnvironmentProblem(
        f"{where}cannot be read or written: {error.strerror}. Free space, or use another disk."
    )


def drop_lost_output() -> None:
    """Discard output that cannot be written; the interpreter would report it when it exits."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
