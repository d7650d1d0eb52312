"""Tables and lists, aligned by display width, and folded only on a terminal."""

from __future__ import annotations

import math
import shutil
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

import click

GAP = 2
UNLIMITED = 10**6
NARROWEST = 8
"""Minimum width of a folded column."""
BLANK = "\u2800"
"""Replaces a blank at the end of a cell, because rich removes trailing blanks."""


def terminal_width() -> int | None:
    """Width of the terminal; None if standard output is a file or a pipe."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def print_metrics(
    split: str, metrics: Mapping[str, float], references: Mapping[str, Mapping[str, float]]
) -> None:
    """Print the metrics of a split; the arguments are those of `metric_lines`."""
    for line in metric_lines(split, metrics, references, terminal_width()):
        click.echo(line)


def print_explained(kinds: Iterable[str]) -> None:
    """Name the command that explains the metrics of a table, for those who read it on a terminal.

    Args:
        kinds: the types of the metrics.
    """
    width = terminal_width()
    named = ", ".join(dict.fromkeys(kinds))
    if width is not None and named:
        for line in folded_lines(f"explained by: nlpx describe metric/NAME, of {named}", width):
            click.echo(line)


def metric_lines(
    split: str,
    metrics: Mapping[str, float],
    references: Mapping[str, Mapping[str, float]],
    width: int | None = None,
) -> list[str]:
    """The metrics of a split as lines: a row per metric, columns for the split, its subsets and references.

    Two or more metrics that are 0 in every column share one line, and so do those that were not measured.

    Args:
        metrics: `name` and `subset/name`; every subset gets a column.
        references: metrics of other systems on the same data, by system.
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
    lines = table([["", *columns], *rows], width=width)
    for what, same in flat.items():
        lines += folded_lines(f"{what}: {', '.join(same)}", width)
    return lines


def table(
    rows: Sequence[Sequence[str]],
    *,
    left: Collection[int] = (0,),
    fold: Collection[int] = (),
    width: int | None = None,
) -> list[str]:
    """Lines with aligned columns.

    Args:
        rows: rows with the same number of cells; the first row contains the headings.
        left: columns aligned to the left; all others are aligned to the right.
        fold: columns that may be folded if the table is wider than the terminal. If there are none, such a
            table is split into parts, each with the first column. Text is never truncated.
    """
    from rich.cells import cell_len

    columns = list(zip(*rows, strict=True))
    sizes = [max(map(cell_len, column)) for column in columns]
    if width is None or sum(sizes) + GAP * (len(sizes) - 1) <= width:
        return _rendered(rows, left, fold, UNLIMITED)
    if fold:
        least = (min(size, NARROWEST) if i in fold else size for i, size in enumerate(sizes))
        return _rendered(rows, left, fold, max(width, sum(least) + GAP * (len(sizes) - 1)))
    parts: list[list[str]] = []
    for part in _parts(sizes, width):
        sides = [i for i, column in enumerate(part) if column in left]
        parts.append(_rendered([[row[column] for column in part] for row in rows], sides, (), UNLIMITED))
    return [line for i, part in enumerate(parts) for line in ([""] if i else []) + part]


def _parts(sizes: Sequence[int], width: int) -> Iterator[list[int]]:
    """Split the columns into parts that fit the terminal, each with the first column."""
    part, used = [0], sizes[0]
    for column, size in enumerate(sizes[1:], start=1):
        if len(part) > 1 and used + GAP + size > width:
            yield part
            part, used = [0], sizes[0]
        part.append(column)
        used += GAP + size
    yield part


def _rendered(
    rows: Sequence[Sequence[str]], left: Collection[int], fold: Collection[int], width: int
) -> list[str]:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    made = Table(box=None, show_header=False, padding=(0, GAP, 0, 0), pad_edge=False)
    for i in range(len(rows[0])):
        made.add_column(justify="left" if i in left else "right", overflow="fold", no_wrap=i not in fold)
    for row in rows:
        made.add_row(*map(Text, row))
    console = Console(width=width, color_system=None)
    with console.capture() as captured:
        console.print(made)
    return [line.replace(BLANK, " ").rstrip() for line in captured.get().split("\n")[:-1]]


def facts(
    pairs: Sequence[tuple[str, str]],
    width: int | None = None,
    *,
    indent: int = 0,
    names: int = 0,
    whole: Collection[str] = (),
    fold: Callable[[str, int], list[str]] | None = None,
) -> list[str]:
    """A line for each name and its text; on a terminal, long texts are folded to the right of the names.

    Args:
        names: minimum width of the names.
        whole: names whose text is not folded, so that it can be copied.
        fold: makes lines of a text; by default, words are not split.
    """
    from rich.cells import cell_len, set_cell_size

    fold = fold or folded_lines

    size = max([names, *(cell_len(name) for name, _ in pairs)])
    lines = []
    for name, text in pairs:
        start = " " * indent + set_cell_size(name, size) + " " * GAP
        for line in [text] if name in whole or width is None else fold(text, width - len(start)):
            lines.append((start + line).rstrip())
            start = " " * cell_len(start)
    return lines


def folded_lines(text: str, width: int | None) -> list[str]:
    """A text in lines of at most `width`. Longer words, such as paths, are not split."""
    from rich.cells import cell_len

    if width is None:
        return [text]
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and cell_len(longer) > max(width, NARROWEST):
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
