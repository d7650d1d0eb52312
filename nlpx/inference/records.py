"""Read texts from records: JSON objects, one per line, or the rows of a table with a header."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import BinaryIO

from nlpx.core.counted import counted
from nlpx.core.json_text import DEEPEST, expect_shallow
from nlpx.core.suggest import did_you_mean, listed
from nlpx.data.csv_reader import CsvReader, problem_of
from nlpx.data.decoding import Declared
from nlpx.data.json_lines import has_half_characters, read_object, shown
from nlpx.errors import UsageError
from nlpx.inference.lines import UTF_8, Line, checked_lines

PREDICTION = "prediction"
"""The field or column of the prediction among those of the record."""
MISSING = object()
LONGEST_SHOWN = 40
"""Maximum number of characters of the name of a column in a message."""


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


def read_objects(stream: BinaryIO, name: str, wanted: Wanted, declared: Declared = UTF_8) -> Iterator[Line]:
    """The text of a field of every JSON object; `a.b` is the field b of the object in the field a.

    Blank lines are no records. A record without the field gives a line with an error.

    Raises:
        DataError: as in `checked_lines`.
    """
    for number, text, error in checked_lines(stream, name, declared):
        if not error and not text.strip():
            continue
        where = f"{name}:{number}"
        fields = {} if error else read_object(text)
        if isinstance(fields, str):
            expected = f"Expected one JSON object per line, with a field {wanted.text}{_by_jq(text)}"
            error, fields = f"{where}: {fields}. {expected}.", {}
        elif wanted.keep and (reason := _unwritable(fields)):
            error, fields = f"{where}: {reason}. Change it, or omit --keep.", {}
        yield _line(number, where, fields, wanted, error)


def _by_jq(line: str) -> str:
    """The command that writes one object per line, for lines of other files of JSON."""
    start = line.strip()
    if re.match(r"\[\s*(\{|$)", start):
        return "; `jq -c '.[]' OLD > NEW` writes one for each element of an array"
    return "; `jq -c . OLD > NEW` writes each on one line" if start == "{" else ""


def _unwritable(fields: Mapping[str, object]) -> str:
    """Why an object cannot be written as it was read; empty if it can."""
    try:
        expect_shallow(fields)
        json.dumps(fields, allow_nan=False)
    except RecursionError:
        return f"the object is nested deeper than {DEEPEST} levels"
    except ValueError:
        return "the object contains a number that is not finite, or too large for 64 bits"
    return ""


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
        elif not _is_text(value):
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


def _is_text(value: object) -> bool:
    """Whether a value is a string or a number."""
    finite = not isinstance(value, float) or math.isfinite(value)
    return isinstance(value, str | int | float) and not isinstance(value, bool) and finite


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
        declared: the character set.

    Raises:
        UsageError: there is no header, or it has no such column.
        DataError: the stream cannot be read, or is certainly in another character set.
    """

    def __init__(self, stream: BinaryIO, name: str, wanted: Wanted, declared: Declared = UTF_8) -> None:
        self._name, self._wanted = name, wanted
        self._lines = checked_lines(stream, name, declared)
        self._number = 0
        self._error = ""
        start = [*islice(self._lines, 1)]
        self.separator = "\t" if start and "\t" in start[0][1] else ","
        fed = self._fed(chain(start, self._lines))
        self._reader = CsvReader(fed, self.separator)
        self.columns = tuple(self._cells() or ())
        self._expect_header()

    def __iter__(self) -> Iterator[Line]:
        while True:
            first = self._number + 1
            where = f"{self._name}:{first}"
            cells = self._cells()
            if cells is None:
                return
            if not self._error and not cells:
                continue
            if not self._error and len(cells) != len(self.columns):
                self._error = (
                    f"{where}: {counted(len(cells), 'cell')}. Expected {len(self.columns)}, as in the "
                    f"header: {self._listed()}."
                )
            # A row with too few or too many cells keeps those that it has.
            filled = [*cells, *[""] * len(self.columns)] if cells else ()
            fields = dict(zip(self.columns, filled, strict=False))
            yield _line(first, where, fields, self._wanted, self._error)

    def _cells(self) -> list[str] | None:
        """The next row, empty if it is bad; None at the end."""
        first, self._error = self._number + 1, ""
        try:
            return next(self._reader)
        except StopIteration:
            return None
        except csv.Error as error:
            until = f" to {self._number}" if self._number > first else ""
            wrong = f"{error}. Expected quotes only around whole cells, and two for each one inside"
            self._error = self._error or f"{self._name}:{first}{until}: {problem_of(error) or wrong}."
            return []

    def _listed(self) -> str:
        return listed(column[:LONGEST_SHOWN] for column in self.columns)

    def _fed(self, lines: Iterator[tuple[int, str, str]]) -> Iterator[str]:
        for number, text, error in lines:
            self._number = number
            self._error = self._error or error
            yield text

    def _expect_header(self) -> None:
        if self._error or not self.columns:
            raise UsageError(
                self._error or f"{self._name}: there is no header. Expected the names of the columns."
            )
        for column in filter(None, (self._wanted.text, self._wanted.id)):
            if self.columns.count(column) != 1:
                many = "more than one column" if column in self.columns else "no column"
                advice = did_you_mean(column, self.columns) if many == "no column" else ""
                if len(self.columns) == 1 and column in self.columns[0]:
                    advice = f"the header is {self._listed()}. Expected columns between commas or tabs."
                raise UsageError(
                    f"{self._name}:1: there is {many} {column}; "
                    f"{advice or f'the header has {self._listed()}.'}"
                )
        if self._wanted.keep and (len({*self.columns}) < len(self.columns) or PREDICTION in self.columns):
            raise UsageError(
                f"{self._name}:1: the columns cannot be kept, because two would have the same name: "
                f"{self._listed()}, {PREDICTION}. Rename one in the header."
            )
