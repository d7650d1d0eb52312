"""Read rows of CSV with long cells, without changing the limit of Python for the rest of the process."""

from __future__ import annotations

import csv
from collections.abc import Iterable

LONGEST_CELL = 1 << 24
"""Maximum number of characters of a cell, which may extend over several lines. That of Python is 131,072."""


class CsvReader:
    """Rows of CSV, each of which may raise csv.Error; the next one can then still be read.

    Args:
        lines: the lines with their ends.
        separator: the character between cells.
        strict: whether quotes inside cells must be doubled.
    """

    def __init__(self, lines: Iterable[str], separator: str, *, strict: bool = True) -> None:
        self._reader = csv.reader(lines, delimiter=separator, strict=strict)

    @property
    def lines_read(self) -> int:
        """The number of lines that have been read."""
        return self._reader.line_num

    def __iter__(self) -> CsvReader:
        return self

    def __next__(self) -> list[str]:
        # The only limit that the module csv knows is one for all readers.
        before = csv.field_size_limit(LONGEST_CELL)
        try:
            return next(self._reader)
        finally:
            csv.field_size_limit(before)


def problem_of(error: csv.Error) -> str:
    """What is wrong with a row; empty if a quote is not closed, or not doubled."""
    reason = str(error)
    if reason.startswith("new-line character"):
        return "a cell without quotes contains \\r. Expected lines that end in \\n or \\r\\n"
    if "limit" in reason:
        return f"a cell is longer than {LONGEST_CELL:,} characters; cut it, or close the quote that opens it"
    return ""
