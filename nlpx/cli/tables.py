"""Tables for people: plain aligned columns, whatever the width of the characters."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

import click


def print_metrics(columns: Mapping[str, Mapping[str, float]]) -> None:
    """One row a metric, one column a source; groups (`written/nll`) after the numbers of the whole."""
    names = sorted(dict.fromkeys(name for column in columns.values() for name in column), key=_whole_first)
    rows = [
        [name, *(f"{column[name]:.4f}" if name in column else "" for column in columns.values())]
        for name in names
    ]
    for line in table([["", *columns], *rows]):
        click.echo(line)


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines with aligned columns: the first to the left, the others to the right."""
    widths = [max(map(display_width, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            _pad(cell, width, left=i == 0) for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


def display_width(text: str) -> int:
    """Columns of a terminal that a text takes; wide East Asian characters take two, combining marks none."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def _pad(cell: str, width: int, *, left: bool) -> str:
    space = " " * (width - display_width(cell))
    return cell + space if left else space + cell


def _whole_first(name: str) -> tuple[bool, str]:
    return "/" in name, name.rpartition("/")[0]
