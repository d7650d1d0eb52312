"""The beginning of a file, which the detectors of formats inspect."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import count, islice
from pathlib import Path

from nlpx.core.files import Unreadable, open_regular
from nlpx.data.decoding import Declaration
from nlpx.data.files import is_blank, read_lines
from nlpx.data.tables import TableLayout, read_cells
from nlpx.errors import DataError

LINES = 200
LOOKED_AT = 10_000
"""Lines among which those that are not blank are looked for."""
LONGEST = 10_000
BYTES = 32
NEARLY = 0.9
"""Minimum share of lines that must match."""
NAME = re.compile(r'"(\w{1,40})"\s*:')


@dataclass(frozen=True)
class Look:
    """The beginning of a file, empty if unreadable.

    Attributes:
        path: the file.
        columns: the expected columns; names of numbers end in #.
        encoding: the declared character set.
        layout: how a source with options for columns reads it; None for others.
    """

    path: Path
    columns: Sequence[str] = ()
    encoding: Declaration = None
    layout: TableLayout | None = None

    @cached_property
    def start(self) -> bytes:
        """The first bytes."""
        try:
            with open_regular(self.path) as file:
                return file.read(BYTES)
        except (OSError, Unreadable):
            return b""

    @cached_property
    def lines(self) -> list[str]:
        """The first lines that are not blank, truncated to LONGEST characters."""
        lines: list[str] = []
        with suppress(DataError):
            for line in islice(read_lines(self.path, self.encoding), LOOKED_AT):
                if not is_blank(line):
                    lines.append(line[:LONGEST])
                if len(lines) == LINES:
                    break
        return lines

    def expect_lines(self) -> None:
        """Raise DataError if there are no lines, which says why."""
        if self.lines:
            return
        for _ in islice(read_lines(self.path, self.encoding), LOOKED_AT):
            pass
        raise DataError(
            f"{self.path}: no line can be read, because the first ones are blank. Expected one row per line."
        )

    @property
    def text(self) -> str:
        """The first characters."""
        return "".join(self.lines)[:LONGEST].lstrip()

    @property
    def fields(self) -> list[str]:
        """The names of fields in JSON."""
        return list(dict.fromkeys(NAME.findall(self.text)))

    @property
    def rows(self) -> list[list[str]]:
        """The cells of every line, separated by tabs, or as the layout reads them."""
        if self.layout is None or self.layout.format != "csv":
            return [[cell.strip() for cell in line.split("\t")] for line in self.lines]
        rows: list[list[str]] = []
        blanks = count(1)

        def on_blank() -> None:
            if next(blanks) == LOOKED_AT:
                raise DataError(f"{self.path}: the first rows are blank.")

        with suppress(DataError):
            for _, cells in islice(read_cells(self.path, self.layout, on_blank), LINES):
                rows += [[cell.strip() for cell in cells]] if isinstance(cells, list) else []
        return rows

    @property
    def parts(self) -> list[str]:
        """The names of the expected columns."""
        return [name.removesuffix("#") for name in self.columns]

    @property
    def expected(self) -> str:
        """The expected columns as shown in messages."""
        return "<TAB>".join(self.parts)


Detector = Callable[[Look], str]
"""Describes the format of a file, with advice; returns an empty string if the format is another one."""


def recognized(look: Look, detectors: Iterable[Detector]) -> str:
    """The description by the first detector that recognizes a file, or an empty string."""
    found = next(filter(None, (detect(look) for detect in detectors)), "") if look.lines else ""
    return f"{look.path} looks like {found}" if found else ""


def most(flags: Iterable[bool]) -> bool:
    listed = list(flags)
    return sum(listed) >= NEARLY * len(listed)


def most_common_size(rows: Iterable[Sequence[str]]) -> int:
    """The most common number of cells; 0 if there are no rows."""
    return max(Counter(map(len, rows)).items(), key=lambda item: item[1], default=(0, 0))[0]


def shown_row(cells: Sequence[str]) -> str:
    plain = ["".join(filter(str.isprintable, cell)) for cell in cells[:8]]
    return " | ".join(cell if len(cell) <= 20 else f"{cell[:20]}..." for cell in plain)
