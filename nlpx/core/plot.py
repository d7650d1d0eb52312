"""Line plots as SVG, which browsers show and no library is needed for."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import groupby

from nlpx.core.printable import printable

WIDTH, HEIGHT = 720, 420
LEFT, RIGHT, TOP, BOTTOM = 78, 20, 42, 56
COLOURS = ("#1f6fb4", "#d1602b", "#3a8a4d", "#8a4fa8", "#b3892a", "#c2477f", "#4aa3a2", "#6b6b6b")
MARK = "#888888"
TICKS = 6
CELL, LEGEND = 6.6, 18
"""Pixels: width of a Latin letter, half that of a Chinese character, and height of a line of the legend."""
POINTED = 40
"""Points of a curve up to which each is drawn, and tells its value where the mouse is on it."""


@dataclass(frozen=True)
class Axis:
    """An axis with its values.

    Attributes:
        label: what it shows, with the unit.
        low, high: the values at its ends.
        log: whether it is logarithmic; the ends are then positive.
    """

    label: str
    low: float
    high: float
    log: bool = False

    @classmethod
    def over(cls, label: str, values: Sequence[float], log: bool = False) -> Axis:
        """The axis that shows all values, of which at least one is finite."""
        finite = [value for value in values if math.isfinite(value) and (value > 0 or not log)]
        low, high = min(finite), max(finite)
        if log:
            return cls(label, low, high if high > low else 10 * low, log)
        # A single value, such as a constant learning rate, is in the middle of values of its size.
        margin = 0.05 * (high - low) or 0.5 * abs(high) or 0.5
        return cls(label, low - margin, high + margin)

    def share(self, value: float) -> float:
        """Where a value lies between the ends, from 0 to 1."""
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def ticks(self) -> Iterator[float]:
        """Round numbers between the ends."""
        if self.log:
            low, high = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9)
            every = max(1, -(-(high - low) // (TICKS + 2)))
            yield from (10.0**power for power in range(low, high + 1, every))
            return
        rough = (self.high - self.low) / TICKS
        unit = 10.0 ** math.floor(math.log10(rough))
        step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough)
        multiples = range(math.ceil(self.low / step), math.floor(self.high / step) + 1)
        yield from (step * i for i in multiples)


@dataclass(frozen=True)
class LinePlot:
    """Curves over a common axis.

    Attributes:
        title: above the plot.
        x, y: the axes.
        curves: points (x, y) by the name of the curve; it is broken at points that are not finite, and points
            outside are left out.
        marks: values of x that are marked by a vertical line, by their names.
        dots: further points by the name of a curve, in its colour.
        width, height: in pixels.
        faint: names of curves in the background.
    """

    title: str
    x: Axis
    y: Axis
    curves: Mapping[str, Sequence[tuple[float, float]]]
    marks: Mapping[str, float] = field(default_factory=dict)
    dots: Mapping[str, Sequence[tuple[float, float]]] = field(default_factory=dict)
    width: int = WIDTH
    height: int = HEIGHT
    faint: frozenset[str] = frozenset()

    def svg(self) -> str:
        """The plot as the content of an SVG file."""
        return "\n".join(
            [
                opening(self.width, self.height),
                text(LEFT, 22, self.title, 'font-size="14" font-weight="bold"'),
                *self._grid(),
                *self._marks(),
                *self._curves(),
                *self._legend(),
                "</svg>\n",
            ]
        )

    @property
    def _top(self) -> float:
        """The upper end of the y axis, below the legend."""
        lines = 1 + max(line for line, _ in self._places()) if len(self.curves) > 1 else 0
        return TOP + LEGEND * max(lines - 1, 0) + (4 if lines else -8)

    def _places(self) -> list[tuple[int, float]]:
        """Line and x of the name of every curve in the legend, which continues on further lines."""
        places: list[tuple[int, float]] = []
        line, x = 0, float(LEFT)
        for name in self.curves:
            needed = 24 + CELL * cells(name) + 16
            if x > LEFT and x + needed > self.width:
                line, x = line + 1, float(LEFT)
            places.append((line, x))
            x += needed
        return places

    def _grid(self) -> Iterator[str]:
        right, bottom = self.width - RIGHT, self.height - BOTTOM
        for tick in self.x.ticks():
            x = self._x(tick)
            yield line(x, self._top, x, bottom, "#eeeeee")
            yield text(x, bottom + 18, f"{tick:.4g}", 'text-anchor="middle"')
        for tick in self.y.ticks():
            y = self._y(tick)
            yield line(LEFT, y, right, y, "#eeeeee")
            yield text(LEFT - 8, y + 4, f"{tick:.4g}", 'text-anchor="end"')
        yield line(LEFT, bottom, right, bottom, "#444444")
        yield line(LEFT, self._top, LEFT, bottom, "#444444")
        yield text((LEFT + right) / 2, self.height - 14, self.x.label, 'text-anchor="middle"')
        middle = (self._top + bottom) / 2
        yield text(18, middle, self.y.label, f'text-anchor="middle" transform="rotate(-90 18 {middle:.1f})"')

    def _marks(self) -> Iterator[str]:
        for number, (name, value) in enumerate(self.marks.items()):
            x = self._x(value)
            yield line(x, self._top, x, self.height - BOTTOM, MARK, 'stroke-dasharray="4 3"')
            left = self.x.share(value) > 0.7
            anchor = 'text-anchor="end"' if left else ""
            yield text(x + (-6 if left else 6), self._top + 14 * (number + 1), name, anchor)

    def _curves(self) -> Iterator[str]:
        coloured = zip(self.curves.items(), self._colours(), strict=True)
        for (name, points), colour in sorted(coloured, key=lambda curve: curve[0][0] not in self.faint):
            faint = name in self.faint
            for x, y in filter(self._shows, self.dots.get(name, ())):
                yield self._dot(x, y, 'r="3" fill-opacity="0.6"', colour)
            for finite, stretch in groupby(points, lambda point: all(map(math.isfinite, point))):
                shown = (
                    [(self._x(x), self._y(y)) for x, y in stretch if self._shows((x, y))] if finite else []
                )
                if len(shown) == 1:
                    ((x, y),) = shown
                    yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colour}"/>'
                elif shown:
                    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in shown)
                    style = 'stroke-width="1" stroke-opacity="0.6"' if faint else 'stroke-width="1.8"'
                    yield f'<polyline fill="none" stroke="{colour}" {style} points="{path}"/>'
            if len(points) <= POINTED and not faint:
                for x, y in filter(self._shows, points):
                    hint = f"<title>{escape(printable(name))}: {y:.6g} ({x:.6g})</title>"
                    yield self._dot(x, y, 'r="5" class="hint" fill-opacity="0"', colour, hint)

    def _legend(self) -> Iterator[str]:
        if len(self.curves) > 1:
            for name, colour, (row, x) in zip(self.curves, self._colours(), self._places(), strict=True):
                y = TOP - 2 + LEGEND * row
                yield line(x, y - 4, x + 18, y - 4, colour, 'stroke-width="3"')
                yield text(x + 24, y, name)

    def _colours(self) -> list[str]:
        return [COLOURS[number % len(COLOURS)] for number in range(len(self.curves))]

    def _shows(self, point: tuple[float, float]) -> bool:
        """Whether a point is inside the plot."""
        x, y = point
        return math.isfinite(x) and math.isfinite(y) and self.y.low <= y <= self.y.high

    def _dot(self, x: float, y: float, style: str, colour: str, inside: str = "") -> str:
        place = f'cx="{self._x(x):.1f}" cy="{self._y(y):.1f}"'
        return f'<circle {place} {style} fill="{colour}">{inside}</circle>'

    def _x(self, value: float) -> float:
        return LEFT + self.x.share(value) * (self.width - LEFT - RIGHT)

    def _y(self, value: float) -> float:
        bottom = self.height - BOTTOM
        return bottom - self.y.share(value) * (bottom - self._top)


def opening(width: float, height: float) -> str:
    """The beginning of an SVG file with a white ground, which also scales inside a page."""
    size = f'viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">\n'
        '<rect class="ground" width="100%" height="100%" fill="white"/>'
    )


def line(x1: float, y1: float, x2: float, y2: float, colour: str, more: str = 'stroke-width="1"') -> str:
    """A straight line."""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" {more}/>'


def text(x: float, y: float, words: str, more: str = "") -> str:
    """Words, which begin at x unless an anchor is among the further attributes."""
    return f'<text x="{x:.1f}" y="{y:.1f}" {more}>{escape(printable(words))}</text>'


def cells(words: str) -> int:
    """The width of a text in Latin letters; Chinese characters count as two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in words)
