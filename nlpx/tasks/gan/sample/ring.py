"""Points of eight normal distributions around a circle.

The distribution is the dataset: there is no row that it cannot generate, so none is written by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from nlpx.data.points import Point, draw
from nlpx.data.samples import Sample, SampleRow

COUNTS = {"train": 8000, "valid": 1000, "test": 2000}
SEED = 20190320


@cache
def rows(split: str) -> Sequence[SampleRow]:
    """The points of train, valid or test: x, y and the number of the mode."""
    points = draw("ring", COUNTS[split], [SEED, [*COUNTS].index(split)])
    return [SampleRow("generated", (f"{x:.5f}", f"{y:.5f}", mode)) for x, y, mode in points]


def _record(where: str, row: SampleRow) -> Point:
    x, y, mode = row.parts
    return Point(where, float(x), float(y), mode)


SAMPLE = Sample(Point.kind, rows, _record)
