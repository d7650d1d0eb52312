"""Read an input with one text per line, of bounded length. A line that cannot be read keeps its position."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import BufferedReader
from typing import BinaryIO

from nlpx.data.decoding import BYTE_ORDER_MARK, SEEN, Declared, decoded, encoding_of
from nlpx.data.packed import UNPACKING_ERRORS, unpacked, unpacking_error
from nlpx.errors import DataError
from nlpx.inference.utf_16 import Utf16Stream, what_is_wrong

UTF_8 = Declared("utf-8", "--encoding")
"""The character set of an input if no other is declared, and the option that declares it."""
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


def read_lines(
    stream: BinaryIO, name: str, *, with_ids: bool = False, declared: Declared = UTF_8
) -> Iterator[Line]:
    r"""Lines of a stream, which end in \n or \r\n.

    Bytes that are not of the character set, a line that is too long, and a line without a tab where an id is
    expected give a line with an error.

    Args:
        with_ids: a line is `id<TAB>text`; a blank line has no id.
        declared: the character set; UTF-16 is also recognized by its mark.

    Raises:
        DataError: the stream cannot be read further, or is certainly in another character set.
    """
    for number, text, error in checked_lines(stream, name, declared):
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


def checked_lines(stream: BinaryIO, name: str, declared: Declared = UTF_8) -> Iterator[tuple[int, str, str]]:
    """Number, text with its end, and error of every line; the text of a line with an error is incomplete.

    Raises:
        DataError: the stream cannot be read further, or is certainly in another character set.
    """
    number = 0
    try:
        start = stream.peek(SEEN)[:SEEN] if isinstance(stream, BufferedReader) else b""
        encoding = encoding_of(start, declared, name)
        wide = encoding.startswith("utf-16")
        if wide:
            stream = BufferedReader(Utf16Stream(stream, encoding))
        for number, raw in enumerate(_raw_lines(stream), start=1):
            where = f"{name}:{number}"
            if raw is None:
                yield number, "", _too_long(where)
                continue
            if number == 1 and raw == BYTE_ORDER_MARK.encode():
                return  # the mark of an editor, and no line
            text = error = ""
            try:
                text = decoded(raw, "utf-8" if wide else encoding, declared, where, start)
            except DataError as wrong:
                text = raw.decode("utf-8", "replace")
                error = f"{where}: {what_is_wrong(raw)}" if wide else str(wrong)
            yield number, text.removeprefix(BYTE_ORDER_MARK) if number == 1 else text, error
    except UNPACKING_ERRORS as error:
        after = f" after line {number}" if number else ""
        raise DataError(f"{name}: cannot be read further{after}: {unpacking_error(error)}.") from None


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
            raise DataError(f"{name}: cannot be read: {unpacking_error(error)}.") from None
        yield inner


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
