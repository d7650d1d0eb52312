"""Read texts from records: JSON objects, one per line, or the rows of a table with a header."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from nlpx.core.counted import counted
from nlpx.core.suggest import did_you_mean, listed
from nlpx.data.json_lines import has_half_characters, read_object, shown
from nlpx.errors import UsageError
from nlpx.inference.lines import LONGEST_LINE, Line, checked_lines

PREDICTION = "prediction"
"""The field or column of the prediction among those of the record."""
MISSING = object()


@dataclass(frozen=True)
class Wanted:
    """What is read of a record.

    Attributes:
        text: the field or column of the text.
        id: that of the id; empty: the number of the line.
        keep: whether all fields are kept for the output.
    """

    text: str
    id: str = ""
    keep: bool = False


def read_objects(stream: BinaryIO, name: str, wanted: Wanted) -> Iterator[Line]:
    """The text of a field of every JSON object; `a.b` is the field b of the object in the field a.

    Blank lines are no records. A record without the field gives a line with an error.

    Raises:
        DataError: the stream cannot be read further.
    """
    for number, text, error in checked_lines(stream, name):
        if not error and not text.strip():
            continue
        where = f"{name}:{number}"
        fields = {} if error else read_object(text)
        if isinstance(fields, str):
            error = f"{where}: {fields}. Expected one JSON object per line, with a field {wanted.text}."
            fields = {}
        yield _line(number, where, fields, wanted, error)


def _line(number: int, where: str, fields: Mapping[str, object], wanted: Wanted, error: str = "") -> Line:
    kept = fields if wanted.keep else None
    values = {}
    for role, field in (("text", wanted.text), ("id", wanted.id)):
        if not field or error:
            continue
        value = _value(fields, field)
        if value is MISSING:
            found = f"there are {listed(fields, 8)}" if fields else "the object is empty"
            error = f"{where}: there is no field {field}; {did_you_mean(field, fields) or f'{found}.'}"
        elif isinstance(value, bool) or not isinstance(value, str | int | float):
            error = f"{where}: the field {field} is {shown(value)}. Expected a string."
        elif has_half_characters(str(value)):
            error = f"{where}: the field {field} contains half of a character, {shown(value)}. Expected text."
        else:
            values[role] = str(value)
    if wanted.keep and PREDICTION in fields and not error:
        error = (
            f"{where}: the record has a field {PREDICTION}, which --keep adds. Rename it, for example with "
            f"`jq -c '.old = .{PREDICTION} | del(.{PREDICTION})'`."
        )
    return Line(values.get("id", str(number)), "" if error else values["text"], error, kept)


def _value(fields: Mapping[str, object], field: str) -> object:
    """The value of a field, or MISSING; a name with dots leads into objects."""
    if field in fields:
        return fields[field]
    first, dot, rest = field.partition(".")
    inner = fields.get(first)
    return _value(inner, rest) if dot and isinstance(inner, dict) else MISSING


class Table:
    """The rows of CSV or TSV: tabs separate the columns if there is one in the header, else commas.

    Cells may be quoted, and then contain line breaks. A row that cannot be read gives a line with an error.

    Args:
        stream: its header is read at once.
        name: of the stream, for messages.
        wanted: which columns are read.

    Raises:
        UsageError: there is no header, or it has no such column.
        DataError: the stream cannot be read.
    """

    def __init__(self, stream: BinaryIO, name: str, wanted: Wanted) -> None:
        self._name, self._wanted = name, wanted
        self._lines = checked_lines(stream, name)
        self._number = 0
        self._error = ""
        number, header, error = next(self._lines, (0, "", ""))
        self.separator = "\t" if "\t" in header else ","
        cells = next(csv.reader([header], delimiter=self.separator), [])
        self.columns = tuple(cells)
        self._number = number
        self._expect_header(error)

    def __iter__(self) -> Iterator[Line]:
        csv.field_size_limit(LONGEST_LINE)
        reader = csv.reader(self._fed(), delimiter=self.separator, strict=True)
        while True:
            first = self._number + 1
            where = f"{self._name}:{first}"
            self._error = ""
            cells: list[str] = []
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                until = f" to {self._number}" if self._number > first else ""
                self._error = self._error or (
                    f"{self._name}:{first}{until}: {error}. Expected quotes only around whole cells, and "
                    "two for each one inside."
                )
            if not self._error and not cells:
                continue
            if not self._error and len(cells) != len(self.columns):
                self._error = (
                    f"{where}: {counted(len(cells), 'cell')}. Expected {len(self.columns)}, as in the "
                    f"header: {listed(self.columns)}."
                )
            fields = {} if self._error else dict(zip(self.columns, cells, strict=True))
            yield _line(first, where, fields, self._wanted, self._error)

    def _fed(self) -> Iterator[str]:
        for number, text, error in self._lines:
            self._number = number
            self._error = self._error or error
            yield text

    def _expect_header(self, error: str) -> None:
        if error or not self.columns:
            raise UsageError(error or f"{self._name}: there is no header. Expected the names of the columns.")
        for column in filter(None, (self._wanted.text, self._wanted.id)):
            if self.columns.count(column) != 1:
                many = "more than one column" if column in self.columns else "no column"
                advice = did_you_mean(column, self.columns) if many == "no column" else ""
                raise UsageError(
                    f"{self._name}:1: there is {many} {column}; "
                    f"{advice or f'the header has {listed(self.columns)}.'}"
                )
        if self._wanted.keep and (len({*self.columns}) < len(self.columns) or PREDICTION in self.columns):
            raise UsageError(
                f"{self._name}:1: the columns cannot be kept, because two would have the same name: "
                f"{listed((*self.columns, PREDICTION))}. Rename one in the header."
            )
