"""Read an input with one text per line, of bounded length. A line that cannot be read keeps its position."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import BufferedReader
from typing import BinaryIO

from nlpx.data.formats.character_sets import guess
from nlpx.data.packed import UNPACKING_ERRORS, unpacked
from nlpx.errors import DataError

LONGEST_LINE = 1 << 24
"""Maximum number of bytes of a line, which is in memory as a whole."""
LONGEST_SKIPPED = 1 << 30
"""Number of bytes after which the end of a line is no longer searched, because a device may have none."""
SKIPPED_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class Line:
    """One input text, without its end of line.

    Attributes:
        id: the number of the line, or the id given in the input.
        error: why the line cannot be read; empty if it can.
        record: the fields of the record that contains the text, if they are kept.
    """

    id: str
    text: str
    error: str = ""
    record: Mapping[str, object] | None = None


def read_lines(stream: BinaryIO, name: str, *, with_ids: bool = False) -> Iterator[Line]:
    r"""Lines of a UTF-8 stream, which end in \n or \r\n.

    Bytes that are not UTF-8, a line that is too long, and a line without a tab where an id is expected give a
    line with an error.

    Args:
        with_ids: a line is `id<TAB>text`; a blank line has no id.

    Raises:
        DataError: the stream cannot be read further.
    """
    for number, text, error in checked_lines(stream, name):
        identity, content = str(number), text.removesuffix("\n").removesuffix("\r")
        if with_ids and (error or content.strip()):
            before, tab, after = content.partition("\t")
            if tab:
                identity, content = before, after
            elif not error:
                error = f"{name}:{number}: this line contains no tab; with --ids, a line is `id<TAB>text`."
        elif with_ids:
            identity = ""
        yield Line(identity, "" if error else content, error)


def checked_lines(stream: BinaryIO, name: str) -> Iterator[tuple[int, str, str]]:
    """Number, text with its end, and error of every line; the text of a line with an error is incomplete.

    Raises:
        DataError: the stream cannot be read further.
    """
    number = 0
    try:
        for number, raw in enumerate(_raw_lines(stream), start=1):
            if raw is None:
                yield number, "", _too_long(f"{name}:{number}")
                continue
            if number == 1:
                raw = raw.removeprefix(b"\xef\xbb\xbf")
            try:
                yield number, raw.decode("utf-8"), ""
            except UnicodeDecodeError as wrong:
                yield number, raw.decode("utf-8", "replace"), _not_utf_8(f"{name}:{number}", wrong)
    except UNPACKING_ERRORS as error:
        after = f" after line {number}" if number else ""
        raise DataError(f"{name}: cannot be read further{after}: {_reason(error)}.") from None


@contextmanager
def opened(stream: BinaryIO, name: str) -> Iterator[BinaryIO]:
    """The stream, decompressed where its first bytes are those of gzip, xz, zstd or ZIP.

    Raises:
        DataError: it is damaged, an archive of several files, or a document such as that of a spreadsheet.
        EnvironmentProblem: a package that decompresses it is missing.
    """
    if not isinstance(stream, BufferedReader):
        yield stream
        return
    with ExitStack() as stack:
        try:
            inner = stack.enter_context(unpacked(stream, name))
        except UNPACKING_ERRORS as error:
            raise DataError(f"{name}: cannot be read: {_reason(error)}.") from None
        yield inner


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def _raw_lines(stream: BinaryIO) -> Iterator[bytes | None]:
    """Lines with their ends; None for a line that is too long. Stops if such a line does not end."""
    while raw := stream.readline(LONGEST_LINE + 1):
        if len(raw) <= LONGEST_LINE or raw.endswith(b"\n"):
            yield raw
            continue
        skipped = len(raw)
        while skipped < LONGEST_SKIPPED and raw and not raw.endswith(b"\n"):
            raw = stream.readline(SKIPPED_AT_ONCE)
            skipped += len(raw)
        yield None
        if skipped >= LONGEST_SKIPPED:
            return


def _too_long(where: str) -> str:
    return (
        f"{where}: this line is longer than {LONGEST_LINE:,} bytes. Expected one text per line; split it "
        f"into several. (Reading stops at a line that does not end within {LONGEST_SKIPPED:,} bytes.)"
    )


def _not_utf_8(where: str, wrong: UnicodeDecodeError) -> str:
    found = guess(wrong.object)
    name = found.iconv if found else "GB18030"
    if found and found.name == "UTF-16":  # a line begins or ends in the middle of a character
        name = found.name
    return (
        f"{where}: byte {wrong.start + 1} of this line ({wrong.object[wrong.start]:#04x}) is not UTF-8. "
        f"Expected UTF-8 text; convert it first, for example with `iconv -f {name} -t UTF-8`."
    )
