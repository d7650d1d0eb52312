"""The process of a command: UTF-8 in every locale, standard streams that are open, a folder that exists."""

from __future__ import annotations

import errno
import os
import sys
from io import BufferedWriter, FileIO, TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from nlpx.errors import EnvironmentProblem

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

STANDARD_OUTPUT = "standard output"

MACHINE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO}
"""Errors of the system that no mistake in a program can cause."""


def enter_utf_8_mode() -> None:
    """Start the program again in the UTF-8 mode of Python where the locale has another encoding.

    Arguments, names of files and files are UTF-8 then. What is not UTF-8 in an argument becomes surrogates,
    by which a file of that name is still found.
    """
    foreign = sys.getfilesystemencoding().lower() != "utf-8"
    if foreign and not sys.flags.utf8_mode and sys.executable and os.name == "posix":
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])


def open_streams() -> None:
    """Put /dev/null in the place of standard streams that are closed.

    The next file that is opened would take their number, and hold what is printed.

    Raises:
        EnvironmentProblem: standard output is closed.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the smallest number that is free: this one
    if sys.stderr is None:
        sys.stderr = _nowhere()
    if sys.stdout is None:
        sys.stdout = _nowhere()
        raise EnvironmentProblem(
            "standard output is closed, and results are written there. "
            "Open it, or send them away with `> /dev/null`."
        )


def _nowhere() -> TextIO:
    return TextIOWrapper(FileIO(os.devnull, "w"), encoding="utf-8")


def expect_folder() -> None:
    """Raise EnvironmentProblem where the working directory has been deleted."""
    try:
        Path.cwd()
    except FileNotFoundError:
        raise EnvironmentProblem(
            "the working directory has been deleted: relative paths lead nowhere. Go to another with `cd`."
        ) from None


class StandardOutput(FileIO):
    """The file of standard output; an error of it says whose error it is."""

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            error.filename = STANDARD_OUTPUT
            raise


def write_utf_8() -> None:
    """Corpora and answers are Chinese, whatever the locale; names of files are given back as they came."""
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


def problem_of_machine(error: OSError) -> EnvironmentProblem | None:
    """What to tell of an error of the system that nobody expected; None where it may be a bug."""
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
    """Forget what was printed and cannot be written; the interpreter would complain about it at its end."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
