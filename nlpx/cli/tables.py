"""Metrics as a table: a row for each number, a column for the split, each group and each reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click

from nlpx.config.source import display_width


def print_metrics(
    split: str, metrics: Mapping[str, float], references: Mapping[str, Mapping[str, float]]
) -> None:
    """Print the numbers of a split.

    Args:
        split: name of the first column.
        metrics: `name` and `group/name`; every group gets a column.
        references: numbers of other systems on the same rows, by system.
    """
    columns: dict[str, dict[str, float]] = {split: {}}
    for key, value in metrics.items():
        group, _, name = key.rpartition("/")
        columns.setdefault(group or split, {})[name] = value
    for system, numbers in references.items():
        columns[system] = {name: value for name, value in numbers.items() if "/" not in name}
    names = list(dict.fromkeys(name for column in columns.values() for name in column))
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


def _pad(cell: str, width: int, *, left: bool) -> str:
    space = " " * (width - display_width(cell))
    return cell + space if left else space + cell
