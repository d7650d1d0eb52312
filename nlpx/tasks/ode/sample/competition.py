"""Two species that compete for the same food: the table of kexue.fm archive 5643.

The numbers of the first and the second species are rounded values of a solution that begins with 100 and 150
individuals. There are no others, so all splits have the same rows.
"""

from __future__ import annotations

from collections.abc import Sequence

from nlpx.data.observations import Observation
from nlpx.data.samples import Sample, SampleRow

TABLE = {10: (165, 283), 15: (197, 290), 30: (280, 276), 36: (305, 269), 40: (318, 266), 42: (324, 264)}


def _rows(split: str) -> Sequence[SampleRow]:
    return [SampleRow("published", (str(time), *map(str, pair))) for time, pair in TABLE.items()]


def _record(where: str, row: SampleRow) -> Observation:
    time, *values = map(float, row.parts)
    return Observation(where, time, ("x", "y"), tuple(values))


SAMPLE = Sample(Observation.kind, _rows, _record)
