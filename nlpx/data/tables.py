"""Read rows with columns from TSV, CSV and JSON lines."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from nlpx.core.suggest import did_you_mean
from nlpx.data.csv_reader import CsvReader, problem_of
from nlpx.data.decoding import Declaration
from nlpx.data.files import filled_lines, printable, read_lines
from nlpx.data.json_lines import NO_OBJECT, Fields, has_half_characters, plain_text, read_object, shown
from nlpx.errors import DataError

Format = Literal["tsv", "csv", "jsonl"]
SEPARATORS: Mapping[Format, str] = {"tsv": "\t", "csv": ",", "jsonl": ""}
"""The default separators."""
BREAKS = re.compile(r"\s*[\t\r\n]+\s*")


@dataclass(frozen=True)
class TableLayout:
    """How the rows of a file are written.

    Attributes:
        parts: names of the columns to read.
        format: tsv, csv (cells can be quoted, and contain separators and line breaks) or jsonl.
        separator: the character between cells.
        columns: where parts are: a name in the header or of a field, or a number from 1. If empty, cells are
            in the order of the parts and there is no header; fields have the names of the parts.
        optional: parts that may be missing.
    """

    parts: Sequence[str]
    format: Format = "tsv"
    separator: str = "\t"
    columns: Mapping[str, str | int] = field(default_factory=dict)
    optional: Sequence[str] = ()
    encoding: Declaration = None

    @property
    def has_header(self) -> bool:
        return any(isinstance(column, str) for column in self.columns.values()) and self.format != "jsonl"

    def column(self, part: str) -> str | int:
        """The name or number of the column of a part."""
        return self.columns.get(part, part)


def named_format(path: Path) -> Format:
    """The format of a file by its name."""
    if {".jsonl", ".json"} & set(path.suffixes):
        return "jsonl"
    return "csv" if ".csv" in path.suffixes else "tsv"


def read_table(
    path: Path, layout: TableLayout, on_blank: Callable[[], object] = lambda: None
) -> Iterator[tuple[str, Fields | str]]:
    """The position of each row, and its fields (also other columns, if they have names) or why it is bad.

    Raises:
        DataError: as in `read_lines`; a column is not in the header, or a quote is not closed.
    """
    if layout.format == "jsonl":
        for where, line in filled_lines(path, on_blank, layout.encoding):
            found = read_object(line)
            yield where, _renamed(found, layout) if isinstance(found, Mapping) else _no_object(found, layout)
        return
    rows = read_cells(path, layout, on_blank)
    places: Mapping[str, int] | None = None
    names: Sequence[str] = layout.parts
    if layout.has_header:
        where, first = next(rows, (f"{path}:1", ""))
        if isinstance(first, str):
            raise DataError(f"{where}: {first or 'there is no row'}. Expected a header with column names.")
        names = [cell.strip() for cell in first]
        places = _places(where, names, layout)
    elif layout.columns:
        places = {part: at - 1 for part, at in layout.columns.items() if isinstance(at, int)}
    for where, cells in rows:
        yield where, cells if isinstance(cells, str) else _fields(cells, names, places, layout)


def read_cells(
    path: Path, layout: TableLayout, on_blank: Callable[[], object] = lambda: None
) -> Iterator[tuple[str, list[str] | str]]:
    """The position of each row of a TSV or CSV file, including the header, and its cells or why it is bad."""
    if layout.format == "tsv":
        for where, line in filled_lines(path, on_blank, layout.encoding):
            yield where, line.split(layout.separator)
        return
    name = printable(path)
    lines = (f"{line}\n" for line in read_lines(path, layout.encoding))
    reader = CsvReader(lines, layout.separator)
    while True:
        start = reader.lines_read + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield f"{name}:{start}", _bad_row(error, f"{name}:{start}", reader.lines_read - start)
            continue
        if any(map(str.strip, cells)):
            yield f"{name}:{start}", cells
        else:  # spreadsheets write rows that contain only separators
            on_blank()


def part_texts(fields: Fields, layout: TableLayout) -> list[str] | str:
    """The text of every part of a row, with one blank for a line break or a tab; or why the row is bad."""
    texts = []
    for part in layout.parts:
        value = fields.get(part)
        if value is None and part in layout.optional:
            value = ""
        text = str(value).lower() if isinstance(value, bool) else plain_text(value)
        if text is None:
            what = "missing" if value is None else shown(value)
            return f"the field {layout.column(part)} is {what}; expected a text"
        texts.append(BREAKS.sub(" ", text.strip()))
    if any(map(has_half_characters, texts)):
        return "an escape names half a character, as \\ud800 does; expected whole characters"
    return texts


def _renamed(fields: Fields, layout: TableLayout) -> Fields:
    renamed = {part: fields.get(str(name)) for part, name in layout.columns.items()}
    return {**fields, **renamed} if renamed else fields


def _no_object(reason: str, layout: TableLayout) -> str:
    fields = ", ".join(
        f'"{layout.column(part)}": ...' for part in layout.parts if part not in layout.optional
    )
    return f"{reason}; expected {{{fields}}}" if reason == NO_OBJECT else reason


def _places(where: str, names: Sequence[str], layout: TableLayout) -> Mapping[str, int]:
    """The index of each part in a header; raises DataError if it is not there, or several times."""
    places = {}
    for part in layout.parts:
        name = str(layout.column(part))
        if names.count(name) == 1:
            places[part] = names.index(name)
        elif names.count(name) > 1 or part in layout.columns or part not in layout.optional:
            problem = "several columns are called" if name in names else "no column is called"
            has = ", ".join(shown(cell) for cell in names[:20])
            near = did_you_mean(name, names)
            raise DataError(
                f"{where}: {problem} {shown(name)}, for {part}; the header has {has}. "
                f"Correct data.source.columns{f': {near}' if near else '.'}"
            )
    return places


def _fields(
    cells: Sequence[str], names: Sequence[str], places: Mapping[str, int] | None, layout: TableLayout
) -> Fields | str:
    count = f"{len(cells)} column{'' if len(cells) == 1 else 's'}"
    if (places is None or layout.has_header) and len(cells) != len(names):
        as_in = ", as in the header" if layout.has_header else f": {', '.join(names)}"
        return f"{count}; expected {len(names)}{as_in}"
    if places is None:
        return dict(zip(names, cells, strict=True))
    if max(places.values()) >= len(cells):
        return f"{count}; expected at least {max(places.values()) + 1}"
    others = zip(names, cells, strict=True) if layout.has_header else ()
    return {**dict(others), **{part: cells[place] for part, place in places.items()}}


def _bad_row(error: csv.Error, where: str, further_lines: int) -> str:
    """Why a row of a CSV file is bad; raises DataError if the rows after it cannot be read."""
    if "expected after" in str(error):
        lines = f", {further_lines} lines below" if further_lines else ""
        return (
            f'a closing quote is in the middle of a cell{lines}; expected two quotes ("") for one in a text'
        )
    if problem_of(error) and not further_lines:
        return problem_of(error)
    raise DataError(
        f"{where}: a quote that opens in this row is not closed. Close it, or set "
        "data.source.format: tsv if quotes are characters of the texts."
    )
