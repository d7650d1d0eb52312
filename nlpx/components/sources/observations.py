"""Observations in files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Literal

from nlpx.components.sources.base import FileSource
from nlpx.core.counted import counted
from nlpx.data.observations import TIME, Observation, number
from nlpx.data.records import BadRow

HEADER = f"expected the header `{TIME}<TAB>NAME<TAB>NAME...` with the names of the observed variables"


class ObservationFile(FileSource):
    """Observations of a system, one time per line.

    Options: none of its own.
    Shapes: a time, and a number or nothing for every column.
    Data: UTF-8, also `.gz` and `.xz`; a header `t<TAB>x<TAB>y...`, then lines with a number in every cell. An
        empty cell is a missing value. Lines may be in any order, and a time may occur several times.
    Relations: for the task ode, which looks up columns by the names of its variables.
    Reference: none.
    Example:
        data:
          root: corpora
          source: {type: observations, train: species.tsv, valid: species.tsv}
    """

    record: ClassVar[str] = Observation.kind

    type: Literal["observations"] = "observations"

    def read(self, paths: list[Path]) -> Iterator[Observation | BadRow]:
        for path in paths:
            names: tuple[str, ...] = ()
            for where, line in self.lines([path]):
                cells = [cell.strip() for cell in line.split("\t")]
                if names:
                    yield _row(where, names, cells)
                    continue
                if reason := _fault(cells):
                    yield BadRow(where, reason)
                    break  # without names, no line can be read
                names = tuple(cells[1:])

    def looks_like(self, split: str) -> str:
        return ""  # a wrong header is reported as such


def _fault(cells: list[str]) -> str:
    """Why a line is no header; empty if it is one."""
    if cells[0] != TIME:
        return f"the first column is {cells[0]!r:.40}; {HEADER}"
    if len(cells) == 1:
        return f"no column but the time; {HEADER}"
    if not all(cells):
        return f"column {cells.index('') + 1} has no name; {HEADER}"
    twice = next((name for name in cells if cells.count(name) > 1), None)
    return f"two columns are called {twice!r:.40}; {HEADER}" if twice else ""


def _row(where: str, names: tuple[str, ...], cells: list[str]) -> Observation | BadRow:
    if len(cells) != len(names) + 1:
        return BadRow(where, f"{counted(len(cells), 'cell')}, but the header has {len(names) + 1}")
    values = [number(cell) if cell else None for cell in cells]
    for name, cell, value in zip((TIME, *names), cells, values, strict=True):
        if cell and value is None:
            return BadRow(
                where, f"{name} is {cell!r:.40}, expected a finite number, or nothing if it is missing"
            )
    time, *observed = values
    if time is None:
        return BadRow(where, f"{TIME} is missing")
    if all(value is None for value in observed):
        return BadRow(where, "every value is missing; delete the line")
    return Observation(where, time, names, tuple(observed))
