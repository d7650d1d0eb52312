"""Predictor of the task gan: generates samples, and writes them as files."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from nlpx.data.keys import key
from nlpx.data.png import png
from nlpx.specs.predictor import Prediction, Predictor, Say, UnconditionalPredictor, unheard
from nlpx.tasks.gan.codec import SampleCodec, SampleRecord
from nlpx.tasks.gan.config import Gan
from nlpx.tasks.gan.drawing import scatter, tiles
from nlpx.tasks.gan.example import SampleExample
from nlpx.tasks.gan.vectors import examples

if TYPE_CHECKING:
    from nlpx.tasks.gan.learner import GanLearner

SHOWN_IMAGES, SHOWN_POINTS = 64, 1024
"""Samples in the image of an evaluation."""


class SamplePredictor(Predictor[SampleRecord, SampleExample]):
    """Base class of what generates samples, and has no input to predict from."""

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        if texts:
            raise ValueError("a generator takes no input")
        return []


class GanPredictor(SamplePredictor, UnconditionalPredictor):
    """A trained generator.

    Args:
        experiment: its latent width and batch size.
        codec: turns records into samples.
        learner: the model.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".png", ".npz")

    def __init__(self, experiment: Gan, codec: SampleCodec, learner: GanLearner) -> None:
        self._latent: int = experiment.model.latent
        self._batch_size: int = experiment.train.evaluation_batch_size
        self._seed: int = experiment.seed
        self._codec = codec
        self._learner = learner
        self._rows: Callable[[str], Iterable[SampleRecord]] = lambda split: ()

    def prepare(
        self,
        rows: Callable[[str], Iterable[SampleRecord]],
        folder: Path | None = None,
        weights: str = "",
        say: Say = unheard,
    ) -> None:
        self._rows = rows
        if self._codec.are_images:
            self._codec.features.prepare(rows, folder, say)

    def generate(self, count: int, seed: int) -> list[Prediction]:
        samples = self._generated(_noise(count, seed, self._latent))
        if self._codec.are_images:
            height, width, _ = self._codec.shape
            text = f"image of {width} x {height} pixels; --output FILE.png shows it"
            return [Prediction(text, {"pixels": sample.tolist(), "seed": seed}) for sample in samples]
        return [Prediction(f"{x:.6g}\t{y:.6g}", {"point": [x, y], "seed": seed}) for x, y in samples.tolist()]

    def file(self, suffix: str, count: int, seed: int) -> bytes:
        samples = self._generated(_noise(count, seed, self._latent))
        if suffix == ".png":
            return png(tiles(samples) if self._codec.are_images else scatter(samples))
        written = BytesIO()
        np.savez(written, samples=samples)
        return written.getvalue()

    def files(self) -> Mapping[str, bytes]:
        if self._codec.are_images:
            return {"samples.png": self.file(".png", SHOWN_IMAGES, self._seed)}
        real = [self._codec.array(row) for row in islice(self._rows("valid"), SHOWN_POINTS)]
        generated = self._generated(_noise(SHOWN_POINTS, self._seed, self._latent))
        return {"samples.png": png(scatter(generated, np.array(real)))}

    def examples(self, rows: Sequence[SampleRecord], known: Container[str]) -> list[SampleExample]:
        # The noise depends on the row only, not on the other rows.
        noise = [_noise(1, [self._seed, key(row.line)], self._latent)[0] for row in rows]
        samples = self._generated(np.array(noise))
        scores = np.concatenate([self._learner.score(part) for part in self._parts(samples)])[: len(rows)]
        return examples(self._codec, rows, samples, scores.tolist())

    def _generated(self, noise: np.ndarray) -> np.ndarray:
        """z (N, latent) -> samples (N, *shape)."""
        return np.concatenate([self._learner.generate(part) for part in self._parts(noise)])[: len(noise)]

    def _parts(self, array: np.ndarray) -> Iterator[np.ndarray]:
        """Batches of one size, the last one filled with zeros, because its shape may change the last bits."""
        for start in range(0, len(array), self._batch_size):
            part = array[start : start + self._batch_size]
            missing = [(0, self._batch_size - len(part)), *[(0, 0)] * (array.ndim - 1)]
            yield np.pad(part, missing)


def _noise(count: int, seed: int | list[int], latent: int) -> np.ndarray:
    """z, (count, latent) float32; the first rows of a seed are the same for every count."""
    return np.random.default_rng(seed).normal(size=(count, latent)).astype(np.float32)
