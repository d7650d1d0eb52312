"""Recognize CSV files, quoted cells, headers, and columns of another number or order."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence

from nlpx.data.csv_reader import CsvReader
from nlpx.data.formats.headings import NUMBER, chosen_columns, is_header, named_columns
from nlpx.data.formats.look import NEARLY, Look, most, most_common_size, shown_row
from nlpx.data.formats.options import set_options, table_options
from nlpx.data.tables import Format

SEPARATORS = {",": "commas", ";": "semicolons", "|": "bars"}
TAB, TAB_ESCAPE = "\t", r"\t"
QUOTED = re.compile(r'"(?:[^"]|"")*"')


def header(look: Look) -> str:
    """A warning if the first line of a file is a header, but would be read as a row; else an empty string."""
    rows, layout = look.rows, look.layout
    if (layout is not None and layout.has_header) or not is_header(rows):
        return ""
    what = f"{look.path}:1: this line looks like a header, but every line is a row: {' | '.join(rows[0])}."
    places = named_columns(rows[0], look.parts)
    if layout is None:
        return f"{what} Delete it: `tail -n +2 OLD > NEW`."
    if not places and len(rows[0]) != len(look.parts):
        return what
    places = places or list(range(len(rows[0])))
    return f"{what} If it is one, {_options(look, rows, places, layout.format, layout.separator)}."


def separated(look: Look) -> str:
    """Recognize CSV and columns separated by spaces."""
    columns, layout = look.columns, look.layout
    if not columns:
        return ""
    if most("\t" in line for line in look.lines):
        if layout is None or layout.separator == "\t":
            return ""
        rows = [line.split("\t") for line in look.lines]
        advice = _options(look, rows, chosen_columns(rows, columns), "tsv", "\t")
        return f"{len(rows[0])} columns separated by tabs, {shown_row(rows[0])}; {advice}."
    for separator, name in SEPARATORS.items():
        rows = csv_rows(look.lines, separator, len(columns))
        if rows:
            expected = ", ".join(look.parts) if layout else f"tabs, {look.expected}"
            return (
                f"CSV: {len(rows[0])} columns separated by {name}, {shown_row(rows[0])}. "
                f"Expected {expected}; {_reading(look, rows, separator)}."
            )
    if most("\t" not in line and len(line.split()) == len(columns) for line in look.lines):
        return (
            f"{len(columns)} columns separated by spaces. Expected {look.expected}, with tabs: "
            "`sed -E 's,[[:blank:]]+,\\t,g' OLD > NEW`."
        )
    return ""


def quoted(look: Look) -> str:
    """Recognize text with tabs in which a cell with a quote, a comma or a line break is quoted."""
    lines, columns = look.lines, look.columns
    read_as_csv = look.layout is not None and look.layout.format == "csv"
    if not columns or read_as_csv or not any("\t" in line for line in lines):
        return ""
    rows = csv_rows(lines, "\t", len(columns), strict=True)
    cells = [cell for line in lines for cell in line.split("\t") if QUOTED.fullmatch(cell)]
    telling = (
        any('""' in cell[1:-1] or "," in cell for cell in cells)
        or any("\n" in cell for row in rows for cell in row)
        or len(cells) >= NEARLY * sum(map(len, rows))
    )
    if not rows or not telling:
        return ""
    return (
        f"text of a spreadsheet with quoted cells: {len(rows[0])} columns separated by tabs, "
        f"{shown_row(rows[0])}. Expected {look.expected}, without quotes around a text or line breaks "
        f"in it; {_reading(look, rows, TAB)}."
    )


def other_columns(look: Look) -> str:
    """Recognize text with more or fewer columns."""
    if _chosen(look):
        return ""
    columns, size = look.columns, most_common_size(look.rows)
    rows = [row for row in look.rows if len(row) == size]
    if size in (1, len(columns)) or len(rows) < NEARLY * len(look.lines):
        return ""
    if size > len(columns):
        advice = _selection(look, rows, chosen_columns(rows, columns))
    else:
        advice = "add the missing columns"
    labelled = size == 3 and most(NUMBER.fullmatch(row[-1].strip()) is not None for row in rows[1:])
    if labelled and tuple(columns) == ("group", "sentence"):
        advice += ", or read them as `scored_pairs`, or convert them to groups: `nlpx data groups`"
    wanted = f"{len(columns)}, {look.expected}"
    return f"{size} columns separated by tabs, {shown_row(rows[0])}. Expected {wanted}; {advice}."


def swapped(look: Look) -> str:
    """Recognize the expected columns in another order."""
    columns = look.columns
    rows = [row for row in look.rows if len(row) == len(columns)]
    if _chosen(look) or len(columns) < 2 or len(rows) < NEARLY * len(look.lines):
        return ""
    last = len(columns) - 1
    numbers = [at for at in range(len(columns)) if most(bool(NUMBER.fullmatch(row[at])) for row in rows[1:])]
    if columns[-1].endswith("#") and rows[1:] and numbers and numbers[-1] != last:
        order = [at for at in range(len(columns)) if at != numbers[-1]] + [numbers[-1]]
        return (
            f"{look.expected} in another order: the number is in column {numbers[-1] + 1}, "
            f"{shown_row(rows[0])}. {_capital(_selection(look, rows, order))}."
        )
    first, second = (len({row[at] for row in rows}) for at in (0, 1))
    if columns[0] == "group" and first == len(rows) > 2 * second:
        return (
            "sentence<TAB>group: the second column repeats and the first does not. "
            f"{_capital(_selection(look, rows, [1, 0]))}."
        )
    return ""


def no_columns(look: Look) -> str:
    """Recognize text without tabs."""
    if len(look.columns) < 2 or not most("\t" not in line for line in look.lines):
        return ""
    parallel = "; two parallel files are given as a list, [FIRST, SECOND]"
    more = parallel if tuple(look.columns) == ("first", "second") else ""
    return f"one text per line, without tabs. Expected {look.expected}{more}."


def _chosen(look: Look) -> bool:
    """Whether the columns were chosen by the user."""
    return look.layout is not None and bool(look.layout.columns)


def _options(
    look: Look, rows: Sequence[Sequence[str]], places: Sequence[int], written: Format, separator: str
) -> str:
    """The options of a source with which it reads the file as it is."""
    return set_options(table_options(look.path, look.parts, rows, places, written, separator))


def _selection(look: Look, rows: Sequence[Sequence[str]], places: Sequence[int]) -> str:
    """How to read the columns with these indices: by options, or by a command for sources without them."""
    if look.layout is not None:
        return _options(look, rows, places, look.layout.format, look.layout.separator)
    numbers = [place + 1 for place in places]
    fields = ", ".join(f"${number}" for number in numbers)
    in_order = f"cut -f {','.join(map(str, numbers))}"
    command = in_order if numbers == sorted(numbers) else f"awk -F'\\t' -v OFS='\\t' '{{print {fields}}}'"
    return f"choose columns: `{command} OLD > NEW`"


def _reading(look: Look, rows: Sequence[Sequence[str]], separator: str) -> str:
    """How to read a CSV file: by options, or by a command for sources without them."""
    places = chosen_columns(rows, look.columns)
    if look.layout is not None:
        return _options(look, rows, places, "csv", separator)
    # A row that is too short gets empty cells, so that it is found again as a bad row.
    program = (
        f"import csv; [print(*(' '.join((row + {max(places) + 1} * [''])[at].split()) for at in {places}), "
        "sep='\\t') for row in csv.reader(open(0, encoding='utf-8-sig', newline=''), "
        f"delimiter='{TAB_ESCAPE if separator == TAB else separator}') if row]"
    )
    return f'choose columns: `python3 -X utf8 -c "{program}" < OLD > NEW`'


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def csv_rows(lines: Sequence[str], delimiter: str, least: int, *, strict: bool = False) -> list[list[str]]:
    """The rows of a CSV file with at least max(2, `least`) columns; empty if it is not such a file."""
    rows: list[list[str]] = []
    reader = CsvReader((f"{line}\n" for line in lines), delimiter, strict=strict)
    try:
        rows.extend(reader)
    except csv.Error:
        if reader.lines_read < len(lines):  # not only the last row, which is perhaps cut
            return []
    size = most_common_size(rows) if rows else 0
    alike = [row for row in rows if len(row) == size]
    return alike if size >= max(2, least) and len(alike) >= NEARLY * len(rows) else []
