r"""Files of word vectors: text and binary as written by word2vec, and npz.

text     an optional line `COUNT WIDTH`, then `TOKEN NUMBER NUMBER ...` on each line
binary   a line `COUNT WIDTH`, then the token, a blank and WIDTH little-endian float32 for each, without or
         with a line end
npz      two arrays, `tokens` (N,) of strings and `vectors` (N, WIDTH) of floats
"""

from __future__ import annotations

import math
import re
import zipfile
from collections.abc import Container, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from nlpx.core.files import Unreadable, open_regular
from nlpx.core.lazy import np
from nlpx.data.files import read_lines
from nlpx.errors import DataError

HEADER = re.compile(rb"([0-9]{1,12}) +([0-9]{1,6}) *\r?\n")
LONGEST_TOKEN = 1 << 12
FORMATS = "Expected word vectors as text or binary of word2vec, or npz with the arrays tokens and vectors."


def width_of(path: Path) -> int:
    """The width of the vectors, from the beginning of a file.

    Raises:
        DataError: it is not a file of word vectors.
    """
    for _, vector in _rows(path):
        return len(vector)
    raise DataError(f"{path}: there are no vectors in it. {FORMATS}")


def tokens_of(path: Path) -> Iterator[str]:
    """The tokens that have a vector.

    Raises:
        DataError: the file cannot be read, or is damaged.
    """
    return (token for token, _ in _rows(path))


def read_vectors(path: Path, wanted: Container[str]) -> dict[str, np.ndarray]:
    """The vectors (WIDTH,) float32 of those wanted tokens that the file has; the first of equal ones.

    Raises:
        DataError: the file cannot be read, or is damaged; the message names the place.
    """
    found: dict[str, np.ndarray] = {}
    for token, vector in _rows(path):
        if token in wanted and token not in found:
            if not np.isfinite(vector).all():
                raise DataError(f"{path}: the vector of {token!r} has numbers that are not finite.")
            found[token] = vector
    return found


def _rows(path: Path) -> Iterator[tuple[str, np.ndarray]]:
    with _explained(path), open_regular(path) as file:
        start = file.read(LONGEST_TOKEN)
        file.seek(0)
        if start.startswith(b"PK"):
            yield from _npz(path, file)
        elif _is_binary(start):
            yield from _binary(path, file)
        else:
            yield from _text(path)


def _is_binary(start: bytes) -> bool:
    """Whether the row after a header has control characters, no UTF-8 or too few fields to be text.

    A row of fewer numbers than the header says is text as well, and an error.
    """
    header = HEADER.match(start)
    if header is None:
        return False
    first, end, _ = start[header.end() :].partition(b"\n")
    try:
        fields = first.rstrip(b"\r ").decode("utf-8").split(" ")
    except UnicodeDecodeError:
        return True
    short = bool(end) and len(fields) < int(header[2]) + 1
    numbers = len(fields) > 1 and all(map(_is_number, fields[1:]))
    return min("".join(fields), default=" ") < " " or (short and not numbers)


def _is_number(field: str) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True


def _text(path: Path) -> Iterator[tuple[str, np.ndarray]]:
    width: int | None = None
    wanted = found = 0
    for number, line in enumerate(read_lines(path), start=1):
        if number == 1 and (header := HEADER.fullmatch(line.encode() + b"\n")):
            wanted, width = int(header[1]), int(header[2])
            continue
        if not line.strip():
            continue
        parts = line.rstrip(" ").split(" ")
        if width is None:
            width = len(parts) - 1
            if not width:
                raise DataError(f"{path}:{number}: no blank between a token and numbers. {FORMATS}")
        # A token may contain blanks, such as the ideographic one that was written as is.
        token, numbers = " ".join(parts[: len(parts) - width]), parts[len(parts) - width :]
        if not token or len(numbers) != width or not width:
            raise DataError(f"{path}:{number}: {len(parts) - 1} numbers, expected {width}. {FORMATS}")
        try:
            yield token, np.array(numbers, np.float32)
        except ValueError as error:
            raise DataError(f"{path}:{number}: {error}; expected a token and {width} numbers.") from None
        found += 1
    if 0 < found < wanted:
        raise DataError(
            f"{path}: it ends after {found} of {wanted} vectors, the number in its first line. Fetch or copy "
            "the file again, or correct that number."
        )


def _binary(path: Path, file: BinaryIO) -> Iterator[tuple[str, np.ndarray]]:
    header = HEADER.match(file.readline(LONGEST_TOKEN))
    assert header is not None
    count, width = int(header[1]), int(header[2])
    for number in range(1, count + 1):
        token = bytearray()
        while (byte := file.read(1)) != b" ":
            if not byte or len(token) > LONGEST_TOKEN:
                raise DataError(f"{path}: it ends, or is damaged, at vector {number} of {count}.")
            token += byte
        content = file.read(4 * width)
        if len(content) < 4 * width:
            raise DataError(f"{path}: it ends within vector {number} of {count}.")
        yield _decoded(bytes(token).lstrip(b"\r\n"), path, number), np.frombuffer(content, "<f4")
    if file.read(2).strip(b"\r\n"):
        raise DataError(
            f"{path}: it has more than {count} vectors, the number in its first line. Fetch or copy the file "
            "again, or correct that number."
        )


def _decoded(token: bytes, path: Path, number: int) -> str:
    try:
        return token.decode("utf-8")
    except UnicodeDecodeError:
        raise DataError(f"{path}: the token of vector {number} is not UTF-8.") from None


def _npz(path: Path, file: BinaryIO) -> Iterator[tuple[str, np.ndarray]]:
    with np.load(file, allow_pickle=False) as arrays:
        missing = {"tokens", "vectors"} - set(arrays.files)
        if missing:
            raise DataError(f"{path}: it has no array {' and '.join(sorted(missing))}. {FORMATS}")
        tokens, vectors = arrays["tokens"], arrays["vectors"]
    if tokens.dtype.kind != "U" or vectors.dtype.kind != "f" or tokens.shape != vectors.shape[:1]:
        raise DataError(
            f"{path}: tokens {tokens.shape} of {tokens.dtype} and vectors {vectors.shape} of "
            f"{vectors.dtype}. Expected (N,) strings and (N, width) floats."
        )
    if vectors.ndim != 2 or not math.prod(vectors.shape):
        raise DataError(f"{path}: vectors of the shape {vectors.shape}. Expected (N, width).")
    rows: Iterable[np.ndarray] = vectors.astype(np.float32)
    yield from zip(tokens.tolist(), rows, strict=True)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, Unreadable, ValueError, EOFError, zipfile.BadZipFile, KeyError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(f"{path}: cannot be read: {reason}. {FORMATS}") from None
