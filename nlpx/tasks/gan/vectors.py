"""Samples as vectors, which metrics compare."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nlpx.data.points import Point
from nlpx.tasks.gan.codec import SampleCodec, SampleRecord
from nlpx.tasks.gan.example import ImageExample, SampleExample


def examples(
    codec: SampleCodec, rows: Sequence[SampleRecord], samples: np.ndarray, scores: Sequence[float]
) -> list[SampleExample]:
    """Examples from real and generated samples. Points are their own vectors; those of images are features.

    Args:
        codec: turns records into samples.
        rows: the real samples.
        samples: the generated ones, (N, *shape).
        scores: of the generated ones.
    """
    real = np.array([codec.array(row) for row in rows])
    make = SampleExample
    if codec.are_images:
        real, samples, make = codec.features(real), codec.features(samples), ImageExample
    return [
        make(
            row.where,
            tuple(own),
            tuple(sample),
            row.mode if isinstance(row, Point) else "",
            score,
            group=(row.group,) if row.group else (),
        )
        for row, own, sample, score in zip(rows, real.tolist(), samples.tolist(), scores, strict=True)
    ]
