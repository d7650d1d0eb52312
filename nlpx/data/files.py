"""Lines of text files, compressed or not, strict about what they are."""

from __future__ import annotations

import gzip
import hashlib
import lzma
import zlib
from collections.abc import Iterator
from io import BufferedIOBase
from pathlib import Path

from nlpx.errors import DataError

GZIP, XZ = b"\x1f\x8b", b"\xfd7zXZ\x00"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_lines(path: Path) -> Iterator[str]:
    r"""The lines of a UTF-8 file without their ends; only \n ends a line, a \r before it belongs to the end.

    Raises:
        DataError: the file is missing, empty, damaged, binary or not UTF-8; the message says where.
    """
    number = 0
    try:
        with _open(path) as file:
            for number, raw in enumerate(file, start=1):
                line = raw.removeprefix(BYTE_ORDER_MARK) if number == 1 else raw
                yield _decode(line.removesuffix(b"\n").removesuffix(b"\r"), path, number)
    except (OSError, EOFError, lzma.LZMAError, zlib.error) as error:
        raise DataError(
            f"{path}:{number + 1}: cannot be read: {error}. Fetch or copy the file again."
        ) from None
    if not number:
        raise DataError(f"{path}: the file is empty. Expected one row a line.")


def fingerprint(path: Path) -> str:
    """sha256 of a file as it lies on the disk; raises DataError if it cannot be read."""
    try:
        with _existing(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(
            f"{path}: cannot be read: {error.strerror}. Check the file and its permissions."
        ) from None


def _open(path: Path) -> BufferedIOBase:
    """Open by the first bytes of a file: its name lies where a download was unpacked on its way."""
    with _existing(path).open("rb") as file:
        start = file.read(len(XZ))
    if start.startswith(GZIP):
        return gzip.open(path)
    return lzma.open(path) if start.startswith(XZ) else path.open("rb")


def _existing(path: Path) -> Path:
    if not path.exists():
        raise DataError(
            f"{path}: there is no such file. Corpus files are looked for in `data.root`, else in $NLPX_DATA, "
            "else beside the config; data/README.md says where corpora are obtained."
        )
    if not path.is_file():
        raise DataError(f"{path}: this is a folder, not a file. Name the corpus file inside it.")
    return path


def _decode(raw: bytes, path: Path, number: int) -> str:
    if b"\0" in raw:
        raise DataError(
            f"{path}:{number}: byte {raw.index(0) + 1} of this line is zero: the file is binary or UTF-16. "
            "Expected UTF-8 text."
        )
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path}:{number}: byte {error.start + 1} of this line ({raw[error.start]:#04x}) is not UTF-8. "
            "Expected UTF-8 text; convert the file, for example with `iconv -f GB18030 -t UTF-8`."
        ) from None
