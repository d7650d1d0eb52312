"""Line plots as text: dots of braille characters, or a letter for each curve where there are no colours."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_letters

from nlpx.core.plot import Axis, cells

HEIGHT, LEAST_WIDTH = 12, 24
"""Lines of the area of a plot, and its fewest columns."""
ACROSS, DOWN = 2, 4
"""Dots of a braille character."""
BRAILLE = 0x2800
BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bit of each dot, by row and column."""
Point = tuple[float, float]
Paint = Callable[[str, int], str]
"""Gives a text the colour of a curve, which is named by its number."""


@dataclass(frozen=True)
class TextPlot:
    """Curves over a common axis.

    Attributes:
        title: above the plot.
        curves: points (x, y) by the name of the curve; it is broken at points that are not finite.
        x: label of the axis at the bottom.
        log: whether the axis at the left is logarithmic; all values are then positive.
    """

    title: str
    curves: Mapping[str, Sequence[Point]]
    x: str = "step"
    log: bool = False

    def lines(self, width: int, paint: Paint | None = None) -> list[str]:
        """The lines of the plot, at most `width` columns wide, if these suffice for an axis.

        Args:
            paint: gives colours; None: letters distinguish several curves.

        Raises:
            ValueError: no value is finite.
        """
        points = [
            point for curve in self.curves.values() for point in curve if all(map(math.isfinite, point))
        ]
        if not points:
            raise ValueError("there is no finite value")
        across, up = (Axis.over("", [point[i] for point in points], self.log and i == 1) for i in (0, 1))
        if points[0] != points[-1]:
            across = Axis("", min(x for x, _ in points), max(max(x for x, _ in points), across.low + 1e-9))
        labels = self._labels(up)
        margin = max(map(cells, labels))
        columns = max(width - margin - 2, LEAST_WIDTH)
        area = self._area(across, up, columns, paint)
        rows = [f"{label:>{margin}} ┤{line}".rstrip() for label, line in zip(labels, area, strict=True)]
        low, high = f"{across.low:g}", f"{across.high:g}"
        room = columns - len(low) - len(high)
        below = f"{low}{self.x if room > cells(self.x) + 1 else '':^{max(room, 1)}}{high}"
        bottom = [" " * margin + " └" + "─" * columns, " " * (margin + 2) + below]
        return [*([self.title] if self.title else []), *rows, *bottom]

    def mark(self, number: int, paint: Paint | None) -> str:
        """What a legend shows for a curve."""
        return paint("━━", number) if paint is not None else _letter(number) if len(self.curves) > 1 else "⠒⠒"

    def _labels(self, up: Axis) -> list[str]:
        """A label for each line: empty, or the tick that is in it."""
        labels = [""] * HEIGHT
        for tick in up.ticks():
            labels[min(int((1 - up.share(tick)) * HEIGHT), HEIGHT - 1)] = f"{tick:.4g}"
        return labels

    def _area(self, across: Axis, up: Axis, columns: int, paint: Paint | None) -> list[str]:
        dots: dict[tuple[int, int], int] = {}
        owners: dict[tuple[int, int], int] = {}
        for number, curve in enumerate(self.curves.values()):
            for x, y in _pixels(curve, across, up, columns * ACROSS, HEIGHT * DOWN):
                place = y // DOWN, x // ACROSS
                if owners.setdefault(place, number) != number and paint is None:
                    continue
                owners[place] = number
                dots[place] = dots.get(place, 0) | BITS[y % DOWN][x % ACROSS]
        lines = []
        for row in range(HEIGHT):
            parts = []
            for column in range(columns):
                found = dots.get((row, column))
                if found is None:
                    parts.append(" ")
                    continue
                number = owners[row, column]
                letter = paint is None and len(self.curves) > 1
                text = _letter(number) if letter else chr(BRAILLE + found)
                parts.append(paint(text, number) if paint is not None else text)
            lines.append("".join(parts))
        return lines


def _letter(number: int) -> str:
    return ascii_letters[number % len(ascii_letters)]


def _pixels(
    curve: Sequence[Point], across: Axis, up: Axis, width: int, height: int
) -> Iterator[tuple[int, int]]:
    """The dots of a curve, whose neighbours are connected."""
    before: tuple[int, int] | None = None
    for x, y in curve:
        if not math.isfinite(x) or not math.isfinite(y):
            before = None
            continue
        here = round(across.share(x) * (width - 1)), round((1 - up.share(y)) * (height - 1))
        steps = 0 if before is None else max(abs(here[0] - before[0]), abs(here[1] - before[1]))
        for step in range(steps):
            assert before is not None
            share = step / steps
            yield (
                round(before[0] + share * (here[0] - before[0])),
                round(before[1] + share * (here[1] - before[1])),
            )
        yield here
        before = here
