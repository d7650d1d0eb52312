"""The input of `nlpx predict`: texts, a file of lines, records or a table, standard input, or images."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from nlpx.cli.echo import tell
from nlpx.core.paths import why_absent
from nlpx.errors import UsageError

if TYPE_CHECKING:
    from nlpx.data.codec import Codec
    from nlpx.data.decoding import Declared
    from nlpx.data.formats.character_sets import Encoding
    from nlpx.inference.lines import Line
    from nlpx.inference.records import Wanted
    from nlpx.inference.rendering import Format, Rendering

STANDARD_INPUT = "standard input"
FORMATS: dict[str, Format] = {"\t": "tsv", ",": "csv"}
"""The formats of tables by their separators."""


@dataclass(frozen=True)
class InputForm:
    """How an input is read, as the options say.

    Raises:
        UsageError: they cannot be combined.
    """

    ids: bool = False
    field: str | None = None
    column: str | None = None
    id: str | None = None
    keep: bool = False
    encoding: Encoding = "utf-8"

    def __post_init__(self) -> None:
        if self.field is not None and self.column is not None:
            raise UsageError("give either --field, for JSONL, or --column, for CSV and TSV.")
        for option, name in (("--field", self.field), ("--column", self.column), ("--id", self.id)):
            if name == "":
                raise UsageError(f"{option}: the name is empty. Is a shell variable not set?")
        named = self.field is not None or self.column is not None
        if named and self.ids:
            raise UsageError("--ids is for lines `id<TAB>text`; with --field or --column, use --id NAME.")
        for option, given in (("--id", self.id is not None), ("--keep", self.keep)):
            if given and not named:
                raise UsageError(f"{option} needs --field NAME (JSONL) or --column NAME (CSV or TSV).")

    @property
    def named(self) -> str:
        """The field or column of the text; empty if the input consists of lines."""
        return self.field or self.column or ""

    @property
    def identity(self) -> dict[str, str]:
        """The options by name, as far as they are given."""
        given = {"--field": self.field, "--column": self.column, "--id": self.id}
        if self.encoding != "utf-8":
            given["--encoding"] = self.encoding
        flags = {"--ids": self.ids, "--keep": self.keep}
        return {
            **{option: value for option, value in given.items() if value is not None},
            **{option: "given" for option, value in flags.items() if value},
        }

    @property
    def wanted(self) -> Wanted:
        from nlpx.inference.records import Wanted

        return Wanted(self.named, self.id or "", self.keep)

    @property
    def declared(self) -> Declared:
        """The character set, with the option that declares it."""
        from nlpx.data.decoding import Declared

        return Declared(self.encoding, "--encoding")


def _nowhere() -> int:
    return 0


@dataclass(frozen=True)
class Input:
    """An open input.

    Attributes:
        lines: its texts.
        columns: those of a table.
        separator: of the columns.
        total: bytes of a file; None where they are unknown.
        position: how many of these have been read.
    """

    lines: Iterable[Line]
    columns: tuple[str, ...] = ()
    separator: str = ""
    total: int | None = None
    position: Callable[[], int] = _nowhere


def open_input(
    stack: ExitStack, codec: Codec[Any], texts: Sequence[str], source: str | None, form: InputForm
) -> Input:
    """Open the input: texts, a file, or standard input for `-`.

    Args:
        stack: closes the file.
        codec: says what an image or a folder means.

    Raises:
        UsageError: it cannot be opened, or a table has no such columns.
        DataError: it cannot be read.
    """
    from nlpx.inference.lines import Line, opened, read_lines
    from nlpx.inference.records import Table, read_objects

    meant = None if source in (None, "-") or form.named else codec.inputs(Path(str(source)))
    if source is None or meant is not None:
        lines = (Line(str(number), text) for number, text in enumerate(meant or texts, start=1))
        return Input(_warned(lines))
    total, position, name = None, _nowhere, source
    if source == "-":
        if sys.stdin is None:
            raise UsageError("--input -: standard input is closed. Open it, or name a file.")
        file, name = sys.stdin.buffer, STANDARD_INPUT
    else:
        file = stack.enter_context(_open(Path(source)))
        status = os.fstat(file.fileno())
        if stat.S_ISREG(status.st_mode):
            total, position = status.st_size, file.tell
    stream = stack.enter_context(opened(file, name))
    if form.column is not None:
        table = Table(stream, name, form.wanted, form.declared)
        return Input(table, table.columns, table.separator, total, position)
    if form.field is not None:
        found = read_objects(stream, name, form.wanted, form.declared)
        return Input(found, (), "", total, position)
    read = read_lines(stream, name, with_ids=form.ids, declared=form.declared)
    return Input(_warned(read), (), "", total, position)


def rendering_of(form: Format | None, reading: InputForm, given: Input) -> Rendering:
    """How predictions for an input are written.

    Raises:
        UsageError: the format cannot contain the records that are kept.
    """
    from nlpx.inference.rendering import Rendering

    if not reading.keep:
        return Rendering(form or "text", named=form == "csv" or bool(reading.named))
    form = form or FORMATS.get(given.separator, "jsonl")
    if form == "text":
        raise UsageError("--keep: the format text has no other fields. Choose --format jsonl, tsv or csv.")
    if form != "jsonl" and not given.columns:
        raise UsageError(
            f"--keep: records of JSONL may have different fields, so that they are no table ({form}). Choose "
            "--format jsonl, or omit --keep."
        )
    return Rendering(form, True, given.columns, named=True)


def _warned(lines: Iterable[Line]) -> Iterator[Line]:
    """The same lines, with a warning about the first one that is JSON and is treated as plain text."""
    from nlpx.inference.stream import looks_like_json

    warned = False
    for line in lines:
        if not warned and looks_like_json(line.text):
            tell(
                f"warning: text {line.id} is JSON, but is treated as plain text. Expected one text per line; "
                "for JSON, name the field of the text, such as --field text."
            )
            warned = True
        yield line


def check_texts(texts: Sequence[str]) -> None:
    """Raise UsageError for a text that is not UTF-8."""
    for text in texts:
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            # Python represents a byte that is not UTF-8 in an argument as a surrogate.
            byte = ord(text[error.start]) & 0xFF
            raise UsageError(
                f"--text {text!r}: character {error.start + 1} is the byte {byte:#04x}, which is not UTF-8. "
                "Expected UTF-8 whatever the locale; set the terminal to UTF-8."
            ) from None


def expect_there(path: Path) -> None:
    """Raise UsageError if nothing is at a path, or it cannot be reached."""
    try:
        path.stat()
    except OSError as error:
        gone = isinstance(error, FileNotFoundError | NotADirectoryError)
        reason = why_absent(path) if gone else f"cannot be read: {error.strerror}"
        raise UsageError(f"{path}: {reason}. Expected a text file with one text per line.") from None


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be read: {error.strerror}. Expected a text file with one text per line."
        ) from None
