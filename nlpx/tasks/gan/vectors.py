"""Samples as vectors, which metrics compare."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from nlpx.data.points import Point
from nlpx.tasks.gan.codec import SampleCodec, SampleRecord
from nlpx.tasks.gan.example import SampleExample

Rows = Callable[[str], Iterable[SampleRecord]]


class Vectors:
    """Examples from real and generated samples; points are their own vectors.

    Args:
        codec: turns records into samples.
    """

    def __init__(self, codec: SampleCodec) -> None:
        self._codec = codec

    def examples(
        self, rows: Sequence[SampleRecord], samples: np.ndarray, scores: Sequence[float], train: Rows
    ) -> list[SampleExample]:
        """One example for each row.

        Args:
            rows: the real samples.
            samples: the generated ones, (N, *shape).
            scores: of these.
            train: reads the rows of a split.
        """
        real = np.array([self._codec.array(row) for row in rows])
        vectors = zip(rows, real.tolist(), samples.tolist(), scores, strict=True)
        return [
            SampleExample(
                row.where,
                tuple(own),
                tuple(made),
                row.mode if isinstance(row, Point) else "",
                score,
                group=(row.group,) if row.group else (),
            )
            for row, own, made, score in vectors
        ]
