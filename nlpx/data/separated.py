"""Columns between commas or quoted, as spreadsheets write them, and the command that makes tabs of them."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Sequence

NEARLY = 0.9
"""Share of lines that must look alike."""
SEPARATORS = {",": "commas", ";": "semicolons", "|": "bars"}
TAB = r"\t"
QUOTED = re.compile(r'"(?:[^"]|"")*"')
IDS = frozenset(["id", "index", "no", "number", "guid", "uuid", "pair_id", "qid", "编号", "序号"])
"""Headings of columns that no source reads."""


def separated(lines: Sequence[str], columns: Sequence[str]) -> str:
    """What CSV, or columns between blanks, looks like."""
    if not columns or most("\t" in line for line in lines):
        return ""
    for separator, name in SEPARATORS.items():
        rows = _csv_rows(lines, separator, len(columns))
        if rows:
            return (
                f"CSV: {len(rows[0])} columns between {name}, {shown_row(rows[0])}. Expected tabs, "
                f"{expected(columns)}; {_conversion(rows, columns, separator)}."
            )
    if most("\t" not in line and len(line.split()) == len(columns) for line in lines):
        return (
            f"{len(columns)} columns between blanks. Expected {expected(columns)}, with tabs: "
            "`sed -E 's,[[:blank:]]+,\\t,g' OLD > NEW`."
        )
    return ""


def quoted(lines: Sequence[str], columns: Sequence[str]) -> str:
    """What text with tabs looks like in which a cell with a quote, a comma or a line break is quoted."""
    if not columns or not any("\t" in line for line in lines):
        return ""
    rows = _csv_rows(lines, "\t", len(columns), strict=True)
    cells = [cell for line in lines for cell in line.split("\t") if QUOTED.fullmatch(cell)]
    telling = (
        any('""' in cell[1:-1] or "," in cell for cell in cells)
        or any("\n" in cell for row in rows for cell in row)
        or len(cells) >= NEARLY * sum(map(len, rows))
    )
    if not rows or not telling:
        return ""
    return (
        f"text of a spreadsheet with quoted cells: {len(rows[0])} columns between tabs, "
        f"{shown_row(rows[0])}. Expected {expected(columns)}, without quotes around a text and line breaks "
        f"in it; {_conversion(rows, columns, TAB)}."
    )


def chosen_columns(rows: Sequence[Sequence[str]], columns: Sequence[str]) -> list[int]:
    """The places of the columns that a source reads: those called so, else the first that hold no ids."""
    heading = [cell.strip().lower() for cell in rows[0]]
    names = [name.removesuffix("#") for name in columns]
    if set(names) <= set(heading):
        return [heading.index(name) for name in names]
    places = [at for at in range(len(heading)) if not _holds_ids(rows, at)]
    return (places if len(places) >= len(columns) else list(range(len(heading))))[: len(columns)]


def most(flags: Iterable[bool]) -> bool:
    listed = list(flags)
    return sum(listed) >= NEARLY * len(listed)


def expected(columns: Sequence[str]) -> str:
    return "<TAB>".join(name.removesuffix("#") for name in columns)


def shown_row(cells: Sequence[str]) -> str:
    plain = ["".join(filter(str.isprintable, cell)) for cell in cells[:8]]
    return " | ".join(cell if len(cell) <= 20 else f"{cell[:20]}..." for cell in plain)


def _csv_rows(lines: Sequence[str], delimiter: str, least: int, *, strict: bool = False) -> list[list[str]]:
    """The rows of a file of equally many columns, at least `least` and 2; none where it is something else."""
    rows: list[list[str]] = []
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=delimiter, strict=strict)
    try:
        rows.extend(reader)
    except csv.Error:
        if reader.line_num < len(lines):  # not only the last row, which is perhaps cut
            return []
    if not rows:
        return []
    size, _ = Counter(map(len, rows)).most_common(1)[0]
    alike = [row for row in rows if len(row) == size]
    return alike if size >= max(2, least) and len(alike) >= NEARLY * len(rows) else []


def _holds_ids(rows: Sequence[Sequence[str]], at: int) -> bool:
    """Whether a column is called so, or is the first and has another whole number in every row."""
    if rows[0][at].strip().lower() in IDS:
        return True
    values = [row[at].strip() for row in rows[1:]] if not at else []
    return len(values) > 2 and all(map(str.isdecimal, values)) and len(set(values)) == len(values)


def _conversion(rows: Sequence[Sequence[str]], columns: Sequence[str], delimiter: str) -> str:
    """A command that writes columns of a CSV file between tabs, without line breaks in a cell."""
    places = chosen_columns(rows, columns)
    # A row that is too short gets empty cells, so that it is found again as a bad row.
    program = (
        f"import csv; [print(*(' '.join((row + {max(places) + 1} * [''])[at].split()) for at in {places}), "
        "sep='\\t') for row in csv.reader(open(0, encoding='utf-8-sig', newline=''), "
        f"delimiter='{delimiter}') if row]"
    )
    return f'choose columns: `python3 -X utf8 -c "{program}" < OLD > NEW`'
