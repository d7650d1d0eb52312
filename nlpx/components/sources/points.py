"""Points of the plane in files."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Literal

from nlpx.components.sources.base import FileSource
from nlpx.data.points import Point
from nlpx.data.records import BadRow

LARGEST = 1e18


class PointFile(FileSource):
    """Points of the plane, one per line.

    Options: none of its own.
    Shapes: points (x, y), with the name of a mode or without.
    Data: UTF-8, also `.gz` and `.xz`; lines `x<TAB>y` or `x<TAB>y<TAB>mode`. Coordinates should be of
        the order of 1.
    Relations: for the task gan; modes are only read by metrics. point_cloud generates points.
    Reference: none.
    Example:
        data:
          root: corpora
          source: {type: points, train: points.tsv, holdout: 1000}
    """

    record: ClassVar[str] = Point.kind
    line_columns: ClassVar[tuple[str, ...]] = ("x#", "y#")

    type: Literal["points"] = "points"

    def read(self, paths: list[Path]) -> Iterator[Point | BadRow]:
        return (_row(where, line) for where, line in self.lines(paths))


def _row(where: str, line: str) -> Point | BadRow:
    parts = [part.strip() for part in line.split("\t")]
    if len(parts) not in (2, 3):
        return BadRow(where, f"{len(parts) - 1} tabs; expected `x<TAB>y` or `x<TAB>y<TAB>mode`")
    try:
        x, y = (float(part.replace("_", "no digit")) for part in parts[:2])
    except ValueError:
        return BadRow(where, f"{parts[0]!r:.40} and {parts[1]!r:.40} are not two numbers")
    if not max(abs(x), abs(y)) <= LARGEST or math.isnan(x + y):
        return BadRow(
            where, f"the coordinates {parts[0]:.40} and {parts[1]:.40} are too large, or not finite"
        )
    return Point(where, x, y, *parts[2:])
