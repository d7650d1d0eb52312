"""Histograms in text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nlpx.cli.tables import table, terminal_width

BARS = 12
WIDEST = 40
NARROWEST = 5
EIGHTHS = " ▏▎▍▌▋▊▉"


def histogram(lengths: Mapping[int, int]) -> list[str]:
    """At most BARS lines with an interval of lengths, its number of rows and a bar."""
    first, last = min(lengths), max(lengths)
    size = -(-(last - first + 1) // BARS)
    rows = []
    for start in range(first, last + 1, size):
        count = sum(lengths.get(length, 0) for length in range(start, start + size))
        rows.append((f"{start}-{start + size - 1}" if size > 1 else f"{start}", count))
    return bars(rows)


def bars(rows: Sequence[tuple[str, int]]) -> list[str]:
    """A line for each row with its name, its number, its share and a bar that fits the terminal."""
    from rich.cells import cell_len

    most, total = max(count for _, count in rows), sum(count for _, count in rows)
    lines = table([[name, str(count), f"{count / max(total, 1):.1%}"] for name, count in rows])
    left = (terminal_width() or WIDEST * 3) - max(map(cell_len, lines)) - 2
    width = max(NARROWEST, min(WIDEST, left))
    return [
        f"{line}  {_bar(width * count / max(most, 1))}".rstrip()
        for line, (_, count) in zip(lines, rows, strict=True)
    ]


def quantile(lengths: Mapping[int, int], share: float) -> int:
    """The smallest length that this proportion of rows does not exceed."""
    below, total = 0, sum(lengths.values())
    for length in sorted(lengths):
        below += lengths[length]
        if below >= share * total:
            return length
    return 0


def _bar(size: float) -> str:
    """A bar of this width; what is not 0 is at least an eighth of a character wide."""
    eighths = max(1, round(size * 8)) if size else 0
    return "█" * (eighths // 8) + EIGHTHS[eighths % 8].strip()
