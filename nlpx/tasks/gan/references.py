"""References of the task gan: what other distributions would score on the same split."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence

import numpy as np

from nlpx.data.keys import key
from nlpx.tasks.gan.codec import SampleCodec, SampleRecord
from nlpx.tasks.gan.example import SampleExample
from nlpx.tasks.gan.predictor import SamplePredictor
from nlpx.tasks.gan.vectors import examples


class DrawnReference(SamplePredictor):
    """Samples that are drawn from the surveyed split itself.

    resampled: with replacement; no generator can be expected to be better. gaussian: from the normal
    distribution with the same mean and covariance.

    Args:
        codec: turns records into samples.
        gaussian: whether it draws from the normal distribution.
    """

    def __init__(self, codec: SampleCodec, gaussian: bool) -> None:
        self._codec = codec
        self._gaussian = gaussian

    def survey(self, rows: Iterable[SampleRecord]) -> None:
        self._samples = np.array([self._codec.array(row) for row in rows])
        flat = self._samples.reshape(len(self._samples), -1)
        if self._gaussian:
            self._mean = flat.mean(0)
            # The covariance of a single sample is 0.
            covariance = np.cov(flat, rowvar=False) if len(flat) > 1 else np.zeros((flat.shape[1],) * 2)
            values, vectors = np.linalg.eigh(covariance)
            self._root = vectors * np.sqrt(np.maximum(values, 0))

    def examples(self, rows: Sequence[SampleRecord], known: Container[str]) -> list[SampleExample]:
        drawn = np.array([self._drawn(np.random.default_rng(key(row.line))) for row in rows])
        return examples(self._codec, rows, drawn, [0.0] * len(rows))

    def _drawn(self, random: np.random.Generator) -> np.ndarray:
        samples = self._samples
        if not self._gaussian:
            return samples[random.integers(len(samples))]
        flat = self._mean + self._root @ random.normal(size=len(self._mean))
        if self._codec.are_images:
            flat = np.rint(flat).clip(0, 255)
        return flat.reshape(samples.shape[1:]).astype(samples.dtype)


def references(codec: SampleCodec) -> Mapping[str, DrawnReference]:
    """Both references, by name."""
    return {
        "resampled": DrawnReference(codec, gaussian=False),
        "gaussian": DrawnReference(codec, gaussian=True),
    }
