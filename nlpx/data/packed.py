"""Open files of text by their first bytes: as they are, or decompressed while they are read."""

from __future__ import annotations

import gzip
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import SEEK_END, BufferedIOBase, BufferedReader, RawIOBase
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from nlpx.core.extras import how_to_install, missing_modules
from nlpx.data.unpacking_limit import CountedFile, LimitedContent
from nlpx.errors import DataError, EnvironmentProblem

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

GZIP, XZ, ZSTD, ZIP = b"\x1f\x8b", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"PK\x03\x04"
EXTRA = "zstd"
DOCUMENTS = {
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an old Excel workbook or Word document; save it as CSV UTF-8",
    b"PAR1": "a Parquet file; write its columns to a CSV file",
    b"SQLite format 3\0": "an SQLite database; write its rows to a CSV file",
    b"Rar!": "a RAR archive; unpack it, and name the file inside it",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive; unpack it, and name the file inside it",
}
"""By their first bytes: files that people take for text, and what to do."""
TAR, TAR_AT = b"ustar", 257
START = max(8, *map(len, DOCUMENTS))
"""Bytes by which a file is known."""

BUFFER = 1 << 18
SMALL = 1 << 11
"""Bytes that zstd decompresses at once, because a few of them can become thousands of times as many."""
UNPACKING_ERRORS = (
    OSError,
    EOFError,
    lzma.LZMAError,
    zlib.error,
    zipfile.BadZipFile,
    NotImplementedError,  # a method of compression of ZIP that zipfile does not have
)
"""What reading a damaged file raises."""


@contextmanager
def unpacked(file: BufferedReader, path: Path | str) -> Iterator[BufferedReader]:
    """A file, decompressed; its name does not matter, because some downloads are decompressed in transit.

    Args:
        file: also a pipe.
        path: the name in messages.

    Raises:
        DataError: it is an archive with several files, or a document without lines of text; or, on reading,
            it unpacks to much more than texts do.
        EnvironmentProblem: a package that decompresses it is missing.
        one of UNPACKING_ERRORS: it is damaged.
    """
    with ExitStack() as stack:
        start = file.peek(START)  # a pipe cannot be read twice
        what = next((what for begin, what in DOCUMENTS.items() if start.startswith(begin)), "")
        if what:
            raise DataError(f"{path}: this is {what}.")
        inner = _decompressed(file, start, path)
        if inner is not None:
            # Without a second buffer, lines of compressed files would be split in Python.
            file = stack.enter_context(BufferedReader(inner, BUFFER))
        if file.peek(TAR_AT + len(TAR))[TAR_AT:].startswith(TAR):
            raise DataError(
                f"{path}: this is a tar archive. Unpack it, `tar -xf ARCHIVE`, and name the file inside it."
            )
        yield file


def unpacking_error(error: Exception) -> str:
    """What one of UNPACKING_ERRORS says."""
    return getattr(error, "strerror", None) or str(error) or "it ends too early"


def compression(start: bytes) -> str:
    """The name of the compression of a file by its first bytes; empty if there is none."""
    names = {GZIP: "gzip", XZ: "xz", ZSTD: "zstd", ZIP: "ZIP"}
    return next((name for begin, name in names.items() if start.startswith(begin)), "")


def _decompressed(file: BufferedReader, start: bytes, path: Path | str) -> RawIOBase | None:
    if start.startswith(ZIP):
        return _only_member(file, path)
    counted = CountedFile(file)
    inner: BufferedIOBase | RawIOBase
    if start.startswith(GZIP):
        inner = gzip.GzipFile(fileobj=counted)
    elif start.startswith(XZ):
        inner = lzma.LZMAFile(cast(IO[bytes], counted))  # noqa: SIM115  (closed with what reads it)
    elif start.startswith(ZSTD):
        inner = _Zstd(counted, path)
    else:
        return None
    return LimitedContent(inner, lambda: counted.count, path)


def _only_member(file: BufferedReader, path: Path | str) -> RawIOBase:
    """The one file in a ZIP archive."""
    if not file.seekable():
        raise DataError(f"{path}: this is a ZIP archive, which a pipe cannot give. Name the file instead.")
    archive = zipfile.ZipFile(file)
    names = [info.filename for info in archive.infolist() if not info.is_dir()]
    if "[Content_Types].xml" in names:
        raise DataError(f"{path}: this is an Excel workbook or Word document. Save it as CSV UTF-8.")
    # macOS adds files of its own.
    names = [name for name in names if not name.startswith("__MACOSX/") and not name.endswith(".DS_Store")]
    if len(names) != 1:
        shown = ", ".join("".join(filter(str.isprintable, name)) for name in names[:10])
        held = f"{len(names)} files: {shown}{', ...' if len(names) > 10 else ''}" if names else "no file"
        raise DataError(
            f"{path}: this ZIP archive has {held}. Expected one; unpack it, and name a file inside it."
        )
    entry = archive.getinfo(names[0])
    if entry.flag_bits & 1:
        raise DataError(f"{path}: this ZIP archive is encrypted. Unpack it, and name the file inside it.")
    packed = min(entry.compress_size, file.seek(0, SEEK_END))  # the entry may say anything
    return LimitedContent(cast(BufferedIOBase, archive.open(entry)), lambda: packed, path)


class _Zstd(RawIOBase):
    """Decompresses one or more frames of zstd, in bounded memory.

    The reader of the package zstandard takes a file that is cut off for a whole one.
    """

    def __init__(self, file: CountedFile, path: Path | str) -> None:
        if missing_modules(EXTRA):
            raise EnvironmentProblem(
                f"{path}: files compressed with zstd need zstandard. Install it: {how_to_install(EXTRA)}"
            )
        import zstandard

        self._file, self._error = file, zstandard.ZstdError
        self._start = zstandard.ZstdDecompressor().decompressobj
        self._frame = self._start()
        self._begun = False
        self._out = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        while not self._out:
            raw = self._frame.unused_data if self._frame.eof else b""
            raw = raw or self._file.read(SMALL)
            if self._frame.eof:
                self._frame, self._begun = self._start(), False
            if not raw:
                if self._begun:
                    raise EOFError("the compressed file ended before the end of its last frame")
                return 0
            self._begun = True
            try:
                self._out = memoryview(self._frame.decompress(raw))
            except self._error as error:
                raise OSError(str(error)) from None
        target = memoryview(buffer)
        count = min(len(target), len(self._out))
        target[:count] = self._out[:count]
        self._out = self._out[count:]
        return count
