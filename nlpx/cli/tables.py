"""Metrics as a table: a row for each number, a column for the split, each group and each reference."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import click

from nlpx.config.source import display_width


def print_metrics(
    split: str, metrics: Mapping[str, float], references: Mapping[str, Mapping[str, float]]
) -> None:
    """Print the numbers of a split; the arguments are those of `metric_lines`."""
    for line in metric_lines(split, metrics, references):
        click.echo(line)


def metric_lines(
    split: str, metrics: Mapping[str, float], references: Mapping[str, Mapping[str, float]]
) -> list[str]:
    """The numbers of a split as lines.

    Numbers that are 0, or were not measured, in every column say nothing of a row or a group: two or more of
    them share a line that names them.

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
    flat: dict[str, list[str]] = {"0 in every column": [], "not measured": []}
    for name in names:
        values = [column[name] for column in columns.values() if name in column]
        if all(map(math.isnan, values)):
            flat["not measured"].append(name)
        elif not any(values):
            flat["0 in every column"].append(name)
    flat = {what: same for what, same in flat.items() if len(same) > 1}
    folded = {name for same in flat.values() for name in same}
    rows = [
        [name, *(f"{column[name]:.4f}" if name in column else "" for column in columns.values())]
        for name in names
        if name not in folded
    ]
    return [*table([["", *columns], *rows]), *(f"{what}: {', '.join(same)}" for what, same in flat.items())]


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
