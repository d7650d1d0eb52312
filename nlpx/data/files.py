"""Lines of text files, compressed or not, strict about what they are."""

from __future__ import annotations

import gzip
import hashlib
import lzma
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from nlpx.errors import DataError

OPENERS = {".gz": gzip.open, ".xz": lzma.open}
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_lines(path: Path) -> Iterator[str]:
    r"""The lines of a UTF-8 file without their ends; only \n ends a line, a \r before it belongs to the end.

    Raises:
        DataError: the file is missing, empty, damaged or not UTF-8; the message says where.
    """
    number = 0
    try:
        with _open(path) as file:
            for number, raw in enumerate(file, start=1):
                line = raw.removeprefix(BYTE_ORDER_MARK) if number == 1 else raw
                yield _decode(line.removesuffix(b"\n").removesuffix(b"\r"), path, number)
    except (OSError, EOFError, lzma.LZMAError, zlib.error) as error:
        raise DataError(
            f"{path}:{number + 1}: cannot be read: {error}. Expected an intact {path.suffix or 'text'} file; "
            "fetch it again."
        ) from None
    if not number:
        raise DataError(f"{path}: the file is empty. Expected one row a line.")


def fingerprint(path: Path) -> str:
    """sha256 of a file as it lies on the disk; raises DataError if it cannot be read."""
    try:
        with _check(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}.") from None


def _open(path: Path) -> BinaryIO:
    return OPENERS.get(path.suffix, open)(_check(path), "rb")


def _check(path: Path) -> Path:
    if not path.exists():
        raise DataError(
            f"{path}: there is no such file. Corpus files are looked for in `data.root`, else in $NLPX_DATA, else "
            "beside the config; data/README.md says where corpora are obtained."
        )
    if not path.is_file():
        raise DataError(f"{path}: this is not a file. Expected a corpus file.")
    return path


def _decode(raw: bytes, path: Path, number: int) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path}:{number}: byte {error.start + 1} of this line ({raw[error.start]:#04x}) is not UTF-8. "
            "Expected a UTF-8 file; convert it first, for example with `iconv -f GB18030 -t UTF-8`."
        ) from None
