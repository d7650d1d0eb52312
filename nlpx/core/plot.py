"""Line plots as SVG, which browsers show and no library is needed for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

WIDTH, HEIGHT = 720, 420
LEFT, RIGHT, TOP, BOTTOM = 78, 20, 42, 56
COLOURS = ("#1f6fb4", "#d1602b", "#3a8a4d", "#8a4fa8")
MARK = "#888888"
TICKS = 6


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
        margin = 0.05 * (high - low) or 0.5
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
        curves: points (x, y) by the name of the curve; points that are not finite, or outside, are left out.
        marks: values of x that are marked by a vertical line, by their names.
        dots: further points by the name of a curve, in its colour.
    """

    title: str
    x: Axis
    y: Axis
    curves: Mapping[str, Sequence[tuple[float, float]]]
    marks: Mapping[str, float] = field(default_factory=dict)
    dots: Mapping[str, Sequence[tuple[float, float]]] = field(default_factory=dict)

    def svg(self) -> str:
        """The plot as the content of an SVG file."""
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
                f'width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="12">',
                '<rect width="100%" height="100%" fill="white"/>',
                _text(LEFT, TOP - 20, self.title, 'font-size="14"'),
                *self._grid(),
                *self._marks(),
                *self._curves(),
                "</svg>\n",
            ]
        )

    def _grid(self) -> Iterator[str]:
        right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
        for tick in self.x.ticks():
            x = self._x(tick)
            yield _line(x, TOP, x, bottom, "#eeeeee")
            yield _text(x, bottom + 18, f"{tick:.4g}", 'text-anchor="middle"')
        for tick in self.y.ticks():
            y = self._y(tick)
            yield _line(LEFT, y, right, y, "#eeeeee")
            yield _text(LEFT - 8, y + 4, f"{tick:.4g}", 'text-anchor="end"')
        yield _line(LEFT, bottom, right, bottom, "#444444")
        yield _line(LEFT, TOP, LEFT, bottom, "#444444")
        yield _text((LEFT + right) / 2, HEIGHT - 14, self.x.label, 'text-anchor="middle"')
        turned = f'text-anchor="middle" transform="rotate(-90 18 {(TOP + bottom) / 2:.1f})"'
        yield _text(18, (TOP + bottom) / 2, self.y.label, turned)

    def _marks(self) -> Iterator[str]:
        for number, (name, value) in enumerate(self.marks.items()):
            x = self._x(value)
            yield _line(x, TOP, x, HEIGHT - BOTTOM, MARK, 'stroke-dasharray="4 3"')
            left = self.x.share(value) > 0.7
            anchor = 'text-anchor="end"' if left else ""
            yield _text(x + (-6 if left else 6), TOP + 14 * (number + 1), name, anchor)

    def _curves(self) -> Iterator[str]:
        for number, (name, points) in enumerate(self.curves.items()):
            colour = COLOURS[number % len(COLOURS)]
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in self._shown(points))
            for x, y in self._shown(self.dots.get(name, ())):
                yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}" fill-opacity="0.6"/>'
            yield f'<polyline fill="none" stroke="{colour}" stroke-width="1.8" points="{path}"/>'
            if len(self.curves) > 1:
                x = LEFT + 150 * number
                yield _line(x, TOP - 8, x + 18, TOP - 8, colour)
                yield _text(x + 24, TOP - 4, name)

    def _shown(self, points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
        """The points that the plot shows, in pixels."""
        return [
            (self._x(x), self._y(y))
            for x, y in points
            if math.isfinite(x) and math.isfinite(y) and self.y.low <= y <= self.y.high
        ]

    def _x(self, value: float) -> float:
        return LEFT + self.x.share(value) * (WIDTH - LEFT - RIGHT)

    def _y(self, value: float) -> float:
        return HEIGHT - BOTTOM - self.y.share(value) * (HEIGHT - TOP - BOTTOM)


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, more: str = "") -> str:
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
        f'stroke-width="1" {more}/>'
    )


def _text(x: float, y: float, text: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {more}>{escape(text)}</text>'
