"""Bars and heat maps as SVG."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from nlpx.core.plot import CELL, COLOURS, Axis, cells, line, opening, text
from nlpx.core.printable import printable

ROW, GAP = 26, 8
BAR, MAP = 190, 560
"""Pixels: height of a bar with its margin, distance of texts, length of bars, and edge of a map."""
SQUARE = 34
LONGEST_LABEL = 26
"""Letters of a label; longer ones are cut."""


@dataclass(frozen=True)
class Bar:
    """A bar with an interval.

    Attributes:
        label: to the left of it.
        value: its length.
        low, high: the ends of the interval; NaN if there is none.
        note: to the right of it, such as the number of rows.
    """

    label: str
    value: float
    low: float = math.nan
    high: float = math.nan
    note: str = ""


def bars(title: str, shown: Sequence[Bar], digits: int = 3) -> str:
    """Horizontal bars from 0, of which at least one is finite, each with its value."""
    ends = [0.0, *(x for bar in shown for x in (bar.value, bar.low, bar.high) if math.isfinite(x))]
    low, high = min(ends), max(ends)
    axis = Axis("", low, high if high > low else low + 1)
    left = CELL * max(cells(_cut(bar.label)) for bar in shown) + 2 * GAP
    values = [f"{bar.value:.{digits}f}" for bar in shown]
    right = (
        CELL * max(cells(f"{value}  {bar.note}") for value, bar in zip(values, shown, strict=True)) + 2 * GAP
    )
    top = 34
    parts = [opening(max(left + BAR + right, _title_width(title)), top + ROW * len(shown) + GAP)]
    parts.append(text(GAP, 20, title, 'font-size="14" font-weight="bold"'))
    for row, (bar, value) in enumerate(zip(shown, values, strict=True)):
        y = top + ROW * row
        middle = y + ROW / 2
        parts.append(text(left - GAP, middle + 4, _cut(bar.label), 'text-anchor="end"'))
        if math.isfinite(bar.value):
            start, end = sorted((left + BAR * axis.share(0), left + BAR * axis.share(bar.value)))
            parts.append(
                f'<rect x="{start:.1f}" y="{y + 4}" width="{max(end - start, 0.5):.1f}" height="{ROW - 8}" '
                f'fill="{COLOURS[0]}" fill-opacity="0.75"/>'
            )
        if math.isfinite(bar.low) and bar.high > bar.low:
            parts += _whisker(left + BAR * axis.share(bar.low), left + BAR * axis.share(bar.high), middle)
        parts.append(text(left + BAR + GAP, middle + 4, f"{value}  {bar.note}".rstrip(), 'class="value"'))
    parts.append(
        line(left + BAR * axis.share(0), top, left + BAR * axis.share(0), top + ROW * len(shown), "#444444")
    )
    return "\n".join([*parts, "</svg>\n"])


def _whisker(low: float, high: float, y: float) -> Iterator[str]:
    dark = "#222222"
    yield line(low, y, high, y, dark, 'stroke-width="1.2"')
    for x in (low, high):
        yield line(x, y - 4, x, y + 4, dark, 'stroke-width="1.2"')


def heat_map(
    title: str,
    rows: Sequence[str],
    columns: Sequence[str],
    shares: Sequence[Sequence[float]],
    texts: Sequence[Sequence[str]],
    *,
    axes: tuple[str, str] = ("", ""),
    diagonal: bool = False,
) -> str:
    """Squares with texts, darker for larger shares.

    Args:
        shares: -1 to 1 for every row and column; negative ones are red. Those that are not finite are white.
        axes: what rows and columns are.
        diagonal: whether the diagonal is green, and everything else red.
    """
    widest = max((cells(entry) for entries in texts for entry in entries), default=1)
    width = max(SQUARE, CELL * widest + 6)
    left = CELL * max((cells(_cut(label)) for label in rows), default=1) + 2 * GAP + (16 if axes[0] else 0)
    turned = max((cells(_cut(label)) for label in columns), default=1) * CELL > width - 4
    head = CELL * max((cells(_cut(label)) for label in columns), default=1) if turned else 14
    top = 34 + head + 6 + (16 if axes[1] else 0)
    total = left + width * len(columns) + GAP
    parts = [opening(max(total, _title_width(title)), top + SQUARE * len(rows) + GAP)]
    parts.append(text(GAP, 20, title, 'font-size="14" font-weight="bold"'))
    if axes[1]:
        middle = left + width * len(columns) / 2
        parts.append(text(middle, 42, axes[1], 'text-anchor="middle" class="quiet" fill="#666666"'))
    if axes[0]:
        y = top + SQUARE * len(rows) / 2
        style = f'text-anchor="middle" class="quiet" fill="#666666" transform="rotate(-90 14 {y:.1f})"'
        parts.append(text(14, y, axes[0], style))
    for place, label in enumerate(columns):
        x = left + width * (place + 0.5)
        if turned:
            parts.append(
                text(x + 4, top - 6, _cut(label), f'transform="rotate(-90 {x + 4:.1f} {top - 6:.1f})"')
            )
        else:
            parts.append(text(x, top - 6, _cut(label), 'text-anchor="middle"'))
    for i, label in enumerate(rows):
        y = top + SQUARE * i
        parts.append(text(left - GAP, y + SQUARE / 2 + 4, _cut(label), 'text-anchor="end"'))
        for j, (share, words) in enumerate(zip(shares[i], texts[i], strict=True)):
            positive = i == j if diagonal else share >= 0
            parts.append(_square(left + width * j, y, width, share, words, positive, diagonal))
    return "\n".join([*parts, "</svg>\n"])


def scatter(
    title: str, points: Sequence[tuple[float, float]], names: Sequence[str], groups: Sequence[str]
) -> str:
    """Dots with names, of which as many are written as have room; dots of a group have the same colour."""
    known = {group: number for number, group in enumerate(dict.fromkeys(groups))}
    (left, right), (low, high) = ((min(axis), max(axis)) for axis in zip(*points, strict=True))
    across, up = (
        Axis("", left, right if right > left else left + 1),
        Axis("", low, high if high > low else low + 1),
    )
    parts = [opening(MAP, MAP), text(GAP, 20, title, 'font-size="14" font-weight="bold"')]
    taken: list[tuple[float, float, float]] = []
    for (x, y), name, group in zip(points, names, groups, strict=True):
        px = 20 + across.share(x) * (MAP - 40)
        py = MAP - 20 - up.share(y) * (MAP - 60)
        colour = COLOURS[known[group] % len(COLOURS)]
        hint = f"<title>{escape(printable(name))}</title>"
        parts.append(
            f'<circle cx="{px:.1f}" cy="{py:.1f}" r="4" fill="{colour}" fill-opacity="0.7">{hint}</circle>'
        )
        label, size = _cut(name), CELL * cells(_cut(name)) + 8
        start = px if px + size < MAP else px - size
        if all(start + size < x or x + wide < start or abs(py - y) > 13 for x, y, wide in taken):
            taken.append((start, py, size))
            parts.append(text(start + (6 if start == px else 0), py + 4, label, 'font-size="11"'))
    return "\n".join([*parts, "</svg>\n"])


def _square(x: float, y: float, width: float, share: float, words: str, positive: bool, green: bool) -> str:
    strength = min(abs(share), 1.0) if math.isfinite(share) else 0.0
    full = ((58, 138, 77) if green else (31, 111, 180)) if positive else (190, 50, 40)
    red, blue, last = (round(255 - (255 - part) * strength) for part in full)
    ink = "#ffffff" if strength > 0.6 else "#222222"
    square = (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{SQUARE}" '
        f'fill="rgb({red},{blue},{last})" stroke="#dddddd"/>'
    )
    inside = f'text-anchor="middle" class="in-square" fill="{ink}"'
    return square + (text(x + width / 2, y + SQUARE / 2 + 4, words, inside) if words else "")


def _title_width(title: str) -> float:
    return 1.2 * CELL * cells(title) + 2 * GAP


def _cut(label: str) -> str:
    """A label that is not too long."""
    kept = label
    while cells(kept) > LONGEST_LABEL:
        kept = kept[:-1]
    return kept if kept == label else f"{kept}…"
