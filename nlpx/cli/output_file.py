"""The target of results: a file that is renamed into place when complete, a device, or a pipe."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO, cast

import click

from nlpx.core.paths import absent_file, is_folder, why_no_folder
from nlpx.errors import EnvironmentProblem, UsageError

DESCRIPTORS = {"/dev/fd", f"/proc/{os.getpid()}/fd"}
"""Folders whose entries are the open files of this process."""


class OutputPath(click.Path):
    """A path to write to. Rejects an empty string, which pathlib would take for the current folder."""

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        if not str(value):
            self.fail("the path is empty. Is a shell variable not set?", param, ctx)
        return super().convert(str(value), param, ctx)


def make_output_folder(path: Path) -> None:
    """Create a folder for results and its parents; raises EnvironmentProblem."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentProblem(
            f"{path}: cannot be created: {error.strerror}. Choose another --output."
        ) from None


class OutputFile:
    """The target of `--output`, or standard output.

    Args:
        path: as given.
        read: files and folders that are read at the same time; `-` is standard input.

    Raises:
        UsageError: it is one of the files that are read.
        EnvironmentProblem: it is not writable.
    """

    def __init__(self, path: Path | None, read: Iterable[Path]) -> None:
        self._descriptor = None if path is None else _descriptor(path)
        # Write the target of a link, not the link itself.
        self._path = None if path is None else Path(os.path.realpath(path))
        files = list(read)
        self._refuse_what_is_read(path, files)
        self._refuse_unfinished(files)
        self._name = str(path)
        if self._path is not None and self._descriptor is None:
            self._expect_writable(self._path)

    @property
    def name(self) -> str:
        """The path as given, for messages."""
        return self._name

    @property
    def regular(self) -> Path | None:
        """The path of a regular or new file, not a link; None for a device, a pipe, or standard output."""
        if self._path is None or self._descriptor is not None:
            return None
        mode = _mode(self._path)
        return self._path if mode is None or stat.S_ISREG(mode) else None

    @contextmanager
    def open(self) -> Iterator[TextIO]:
        """The file to write to; a regular file is renamed into place at the end, unless the block fails."""
        if self._path is None:
            yield sys.stdout
            return
        if self.regular is not None:
            yield from self._replaced(self._path)
            return
        flags = os.O_WRONLY | os.O_CLOEXEC
        try:
            target = os.open(self._path, flags) if self._descriptor is None else os.dup(self._descriptor)
            with os.fdopen(target, "w", encoding="utf-8", errors="surrogateescape", newline="\n") as file:
                yield file
        except BrokenPipeError:
            raise
        except OSError as error:
            raise EnvironmentProblem(
                f"{self._name}: cannot be written: {error.strerror}. Choose another --output."
            ) from None

    def _replaced(self, path: Path) -> Iterator[TextIO]:
        from nlpx.core.files import writing

        old = _mode(path)
        try:
            with writing(path) as file:
                cast(TextIOWrapper, file).reconfigure(errors="surrogateescape")
                if old is not None:
                    os.fchmod(file.fileno(), stat.S_IMODE(old))
                yield file
        except BaseException:
            left = "was not written" if old is None else "was not changed"
            click.echo(f"{self._name}: {left}, because the output is incomplete.", err=True)
            raise

    def _expect_writable(self, path: Path) -> None:
        mode = _mode(path)
        target = path if mode is not None else path.parent
        reason = ""
        if mode is not None and stat.S_ISDIR(mode):
            reason = "it is a folder"
        elif mode is None and not is_folder(target):
            absent = _status(target) is None
            reason = absent_file(target, "folder") if absent else f"{target}: {why_no_folder(target)}"
        elif not os.access(target, os.W_OK):
            reason = "it is read-only" if mode is not None else f"the folder {target} is read-only"
        if reason:
            raise EnvironmentProblem(f"{self._name}: cannot be written: {reason}. Choose another --output.")

    def _refuse_unfinished(self, read: list[Path]) -> None:
        from nlpx.inference.partial import JOURNAL, PART

        for suffix in (PART, JOURNAL) if self.regular is not None else ():
            self._refuse_what_is_read(Path(f"{self.regular}{suffix}"), read)

    def _refuse_what_is_read(self, path: Path | None, read: list[Path]) -> None:
        target = _status(1 if path is None else path)
        if target is None or not stat.S_ISREG(target.st_mode):
            return
        name = "standard output" if path is None else f"--output {path}"
        for source in read:
            for file in _files(source):
                status = _status(0 if str(file) == "-" else file)
                if status is not None and os.path.samestat(status, target):
                    what = "standard input" if str(file) == "-" else str(file)
                    raise UsageError(
                        f"{name}: this is the same file as {what}, which is an input. "
                        "Choose another --output."
                    )


def _files(source: Path) -> Iterator[Path]:
    if is_folder(source):
        yield from (path for path in source.rglob("*") if path.is_file())
    else:
        yield source


def _status(file: Path | int) -> os.stat_result | None:
    try:
        return os.fstat(file) if isinstance(file, int) else file.stat()
    except (OSError, ValueError):
        return None


def _mode(path: Path) -> int | None:
    status = _status(path)
    return None if status is None else status.st_mode


def _descriptor(path: Path) -> int | None:
    """The file descriptor of a path such as /dev/stdout or /dev/fd/63."""
    if _status(path) is None:
        return None
    while True:
        if os.path.realpath(path.parent) in DESCRIPTORS and path.name.isdecimal():
            return int(path.name)
        if not path.is_symlink():
            return None
        path = path.parent / path.readlink()
