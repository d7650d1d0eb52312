"""Read an input with one text per line, of bounded length. A line that cannot be read keeps its position."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

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
    """

    id: str
    text: str
    error: str = ""


def read_lines(stream: BinaryIO, name: str, *, with_ids: bool = False) -> Iterator[Line]:
    r"""Lines of a UTF-8 stream, which end in \n or \r\n.

    Bytes that are not UTF-8, a line that is too long, and a line without a tab where an id is expected give a
    line with an error.

    Args:
        with_ids: a line is `id<TAB>text`.

    Raises:
        DataError: the stream cannot be read further.
    """
    try:
        for number, raw in enumerate(_raw_lines(stream), start=1):
            if number == 1 and raw is not None:
                raw = raw.removeprefix(b"\xef\xbb\xbf")
            where = f"{name}:{number}"
            yield _too_long(number, where) if raw is None else _line(raw, number, where, with_ids)
    except OSError as error:
        raise DataError(f"{name}: cannot be read further: {error.strerror or error}.") from None


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


def _too_long(number: int, where: str) -> Line:
    return Line(
        str(number),
        "",
        f"{where}: this line is longer than {LONGEST_LINE:,} bytes. Expected one text per line; split it "
        f"into several. (Reading stops at a line that does not end within {LONGEST_SKIPPED:,} bytes.)",
    )


def _line(raw: bytes, number: int, where: str, with_ids: bool) -> Line:
    identity, content = str(number).encode(), raw.removesuffix(b"\n").removesuffix(b"\r")
    error = ""
    if with_ids:
        before, tab, after = content.partition(b"\t")
        if tab:
            identity, content = before, after
        else:
            error = f"{where}: this line contains no tab; with --ids, a line is `id<TAB>text`."
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as wrong:
        error = (
            f"{where}: byte {wrong.start + 1} of this line ({raw[wrong.start]:#04x}) is not UTF-8. "
            "Expected UTF-8 text; convert it first, for example with `iconv -f GB18030 -t UTF-8`."
        )
    if error:
        return Line(identity.decode("utf-8", "replace"), "", error)
    return Line(identity.decode("utf-8"), content.decode("utf-8"))
