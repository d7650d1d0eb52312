"""Read lines of text files, compressed or not, with strict checks."""

from __future__ import annotations

import gzip
import lzma
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from io import BufferedIOBase, BufferedReader, RawIOBase
from pathlib import Path
from typing import cast

from nlpx.core.files import Unreadable, file_hash, open_regular
from nlpx.data.formats.character_sets import guess
from nlpx.errors import DataError

GZIP, XZ = b"\x1f\x8b", b"\xfd7zXZ\x00"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LONGEST_LINE = 1 << 24
"""Maximum number of bytes of a line. A small compressed file can contain lines that do not fit in memory."""

BUFFER = 1 << 18


def read_lines(path: Path) -> Iterator[str]:
    r"""The lines of a UTF-8 file without their line ends (\n or \r\n).

    Raises:
        DataError: the file is missing, not a regular file, empty, damaged, binary or not UTF-8, or a line is
            longer than LONGEST_LINE. The message contains the position.
    """
    number = 0
    try:
        with _open(path) as file:
            for number, raw in enumerate(iter(partial(file.readline, LONGEST_LINE + 1), b""), start=1):
                if len(raw) > LONGEST_LINE:
                    raise DataError(
                        f"{path}:{number}: this line is longer than {LONGEST_LINE >> 20} MiB. Expected "
                        "one row per line; cut it."
                    )
                line = raw.removeprefix(BYTE_ORDER_MARK) if number == 1 else raw
                yield _decode(line.removesuffix(b"\n").removesuffix(b"\r"), path, number)
    except (OSError, EOFError, lzma.LZMAError, zlib.error) as error:
        raise DataError(
            f"{path}:{number + 1}: cannot be read: {error}. Fetch or copy the file again."
        ) from None
    if not number:
        raise DataError(f"{path}: the file is empty. Expected one row per line.")


def filled_lines(path: Path, on_blank: Callable[[], object] = lambda: None) -> Iterator[tuple[str, str]]:
    """The position `path:line` and the text of each line, without blank lines.

    A line with a tab is not blank, because it has empty columns.

    Raises:
        DataError: as in `read_lines`.
    """
    name = printable(path)
    for number, line in enumerate(read_lines(path), start=1):
        if is_blank(line):
            on_blank()
        else:
            yield f"{name}:{number}", line


def is_blank(line: str) -> bool:
    """Whether a line is empty and has no columns."""
    return not line.strip() and "\t" not in line


def fingerprint(path: Path) -> str:
    """SHA-256 of a file; raises DataError if it cannot be read."""
    with _explained(path):
        return file_hash(path)


def printable(path: Path) -> str:
    """A path as a string that can be encoded in UTF-8."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


@contextmanager
def _open(path: Path) -> Iterator[BufferedReader]:
    """Open a file by its first bytes, because the name is wrong if a download was decompressed in transit."""
    with _explained(path):
        opened = cast(BufferedReader, open_regular(path))
    with opened as file:
        start = file.read(len(XZ))
        file.seek(0)
        if start.startswith((GZIP, XZ)):
            unpack: Callable[[BufferedReader], BufferedIOBase] = gzip.open if start[:2] == GZIP else lzma.open
            # Without a second buffer, lines of compressed files would be split in Python.
            with unpack(file) as unpacked, BufferedReader(cast(RawIOBase, unpacked), BUFFER) as lines:
                yield cast(BufferedReader, lines)
        else:
            yield file


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Raise DataError with advice if a file cannot be opened, or is not a regular file."""
    try:
        yield
    except FileNotFoundError:
        raise DataError(
            f"{path}: there is no such file. Corpus files are looked for in `data.root`, else in $NLPX_DATA, "
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


def _decode(raw: bytes, path: Path, number: int) -> str:
    if b"\0" not in raw:
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError as error:
            what = f"byte {error.start + 1} of this line ({raw[error.start]:#04x}) is not UTF-8"
    else:
        what = f"byte {raw.index(0) + 1} of this line is zero"
    found = guess(raw)
    if found is not None:
        what += f": the file looks like {found[0]}"
    elif b"\0" in raw:
        if "".join(raw.replace(b"\0", b"").decode("utf-8", "ignore").split()).isprintable():
            advice = "if the rest is text, remove all zero bytes: `tr -d '\\000' < OLD > NEW`"
            raise DataError(f"{path}:{number}: {what}. Text has none; {advice}.")
        raise DataError(f"{path}:{number}: {what}: the file is binary or UTF-16. Expected UTF-8 text.")
    convert = f"`iconv -f {found[1] if found else 'GB18030'} -t UTF-8 OLD > NEW`"
    raise DataError(
        f"{path}:{number}: {what}. Expected UTF-8 text; convert the file{'' if found else ', for example'} "
        f"with {convert}."
    )
