"""Numbers, settings and tables of runs as text."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import UTC, datetime

import click

from nlpx.core.printable import printable


def print_table(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    fold: Collection[int],
    left: Collection[int] = (0,),
) -> None:
    from nlpx.cli.tables import table, terminal_width

    cells = [[*map(printable, row)] for row in (header, *rows)]
    for line in table(cells, left=left, fold=fold, width=terminal_width()):
        click.echo(line)


def value_text(value: object) -> str:
    """A setting as it is written in a config; `-` if the run does not have the key."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=repr).strip('"')


def number_text(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def age_of(created: str) -> str:
    """Time since a moment, in the largest unit."""
    try:
        seconds = (datetime.now(UTC) - datetime.fromisoformat(created)).total_seconds()
    except (ValueError, TypeError):
        return "?"
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"


def size_text(size: int) -> str:
    for unit, length in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= length:
            return f"{size / length:.1f} {unit}"
    return f"{size} B"
