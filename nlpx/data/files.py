"""Read lines of text files, compressed or not, with strict checks."""

from __future__ import annotations

import codecs
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from io import BufferedReader
from pathlib import Path
from typing import cast

from nlpx.core.files import Unreadable, file_hash, open_regular
from nlpx.core.paths import why_absent
from nlpx.data.decoding import BYTE_ORDER_MARK, SEEN, Declaration, decoded, encoding_of, utf_16_lines
from nlpx.data.packed import UNPACKING_ERRORS, unpacked, unpacking_error
from nlpx.errors import DataError

LONGEST_LINE = 1 << 24
"""Maximum number of bytes of a line. A small compressed file can contain lines that do not fit in memory."""


def read_lines(path: Path, encoding: Declaration = None) -> Iterator[str]:
    r"""The lines of a text file, decompressed, without their line ends (\n or \r\n).

    Args:
        encoding: the character set that the user declared; None if it cannot be declared. UTF-16 is also
            recognized by its mark.

    Raises:
        DataError: the file is missing, not a regular file, empty, damaged, binary or in another character
            set, or a line is longer than LONGEST_LINE. The message contains the position.
    """
    number = 0
    try:
        with _open(path) as file:
            start = file.peek(SEEN)[:SEEN]
            actual = encoding_of(start, encoding, path)
            lines: Iterator[str | bytes | None] = (
                utf_16_lines(file, actual, LONGEST_LINE, path)
                if actual.startswith("utf-16")
                else iter(partial(file.readline, LONGEST_LINE + 1), b"")
            )
            for number, raw in enumerate(lines, start=1):
                if number == 1 and raw in (codecs.BOM_UTF8, BYTE_ORDER_MARK):
                    number = 0  # the mark of an editor, and no line
                    break
                if raw is None or len(raw) > LONGEST_LINE:
                    raise DataError(
                        f"{path}:{number}: this line is longer than {LONGEST_LINE >> 20} MiB. Expected "
                        "one row per line; cut it."
                    )
                if isinstance(raw, bytes):
                    raw = raw.removesuffix(b"\n").removesuffix(b"\r")
                    line = decoded(raw, actual, encoding, f"{path}:{number}", start)
                elif "\0" in raw:
                    raise DataError(f"{path}:{number}: this line contains a zero character. Remove it.")
                else:
                    line = raw.removesuffix("\r")
                yield line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line
    except UNPACKING_ERRORS as error:
        raise DataError(
            f"{path}:{number + 1}: cannot be read: {unpacking_error(error)}. Fetch or copy the file again."
        ) from None
    if not number:
        raise DataError(f"{path}: the file is empty. Expected one row per line.")


def filled_lines(
    path: Path, on_blank: Callable[[], object] = lambda: None, encoding: Declaration = None
) -> Iterator[tuple[str, str]]:
    """The position `path:line` and the text of each line, without blank lines.

    A line with a tab is not blank, because it has empty columns.

    Raises:
        DataError: as in `read_lines`.
    """
    name = printable(path)
    for number, line in enumerate(read_lines(path, encoding), start=1):
        if is_blank(line):
            on_blank()
        else:
            yield f"{name}:{number}", line


def is_blank(line: str) -> bool:
    """Whether a line is empty and has no columns."""
    return not line.strip() and "\t" not in line


def peek(path: Path, size: int = 1 << 16) -> bytes:
    """The first bytes of a file, decompressed; raises DataError if it cannot be read."""
    try:
        with _open(path) as file:
            return file.read(size)
    except UNPACKING_ERRORS as error:
        raise DataError(
            f"{path}:1: cannot be read: {unpacking_error(error)}. Fetch or copy the file again."
        ) from None


def fingerprint(path: Path) -> str:
    """SHA-256 of a file; raises DataError if it cannot be read."""
    with _explained(path):
        return file_hash(path)


def printable(path: Path) -> str:
    """A path as a string that can be encoded in UTF-8."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


@contextmanager
def _open(path: Path) -> Iterator[BufferedReader]:
    with _explained(path):
        opened = cast(BufferedReader, open_regular(path))
    with opened as file, unpacked(file, path) as lines:
        yield lines


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Raise DataError with advice if a file cannot be opened, or is not a regular file."""
    try:
        yield
    except FileNotFoundError:
        raise DataError(
            f"{path}: {why_absent(path)}. Corpus files are looked for in `data.root`, else in $NLPX_DATA, "
            "else in the directory of the config; data/README.md lists where to obtain corpora."
        ) from None
    except (OSError, Unreadable) as error:
        reason = getattr(error, "strerror", None) or str(error)
        if reason.startswith("it is a folder"):
            raise DataError(
                f"{path}: this is a folder, not a file. Name the corpus file inside it."
            ) from None
        raise DataError(
            f"{path}: cannot be read: {reason}. Expected a file of UTF-8 text, as it is or compressed."
        ) from None
