"""Predictor of the task gan: generates samples, and writes them as files."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from nlpx.components.decoders.langevin import Langevin
from nlpx.data.keys import key
from nlpx.data.png import png
from nlpx.errors import UsageError
from nlpx.specs.predictor import Prediction, Predictor, Say, UnconditionalPredictor, unheard
from nlpx.tasks.gan.codec import SampleCodec, SampleRecord
from nlpx.tasks.gan.config import Gan
from nlpx.tasks.gan.drawing import corners, landscape, scatter, tiles
from nlpx.tasks.gan.example import SampleExample
from nlpx.tasks.gan.vectors import examples

if TYPE_CHECKING:
    from nlpx.exported.generator import ExportedGenerator
    from nlpx.tasks.gan.learner import GanLearner

SHOWN_IMAGES, SHOWN_POINTS = 64, 1024
"""Samples in the image of an evaluation."""
CELLS = 96
"""Points on an edge of the grid on which the energy is shown."""


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

    Raises:
        UsageError: the decoder needs gradients, and the model is an exported one.
    """

    suffixes: ClassVar[tuple[str, ...]] = (".png", ".npz")

    def __init__(self, experiment: Gan, codec: SampleCodec, learner: GanLearner | ExportedGenerator) -> None:
        self._latent: int = experiment.model.latent
        self._batch_size: int = experiment.train.evaluation_batch_size
        self._seed: int = experiment.seed
        self._sampler = None if experiment.decode is None else Langevin.of(experiment.decode)
        if self._sampler is not None and learner.energy is None:
            raise UsageError(
                "decode: langevin needs gradients, which no bundle has. Use the run with --engine tensorflow."
            )
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
        samples = self._drawn(count, seed)
        if self._codec.are_images:
            height, width, _ = self._codec.shape
            text = f"image of {width} x {height} pixels; --output FILE.png shows it"
            return [Prediction(text, {"pixels": sample.tolist(), "seed": seed}) for sample in samples]
        return [Prediction(f"{x:.6g}\t{y:.6g}", {"point": [x, y], "seed": seed}) for x, y in samples.tolist()]

    def file(self, suffix: str, count: int, seed: int) -> bytes:
        samples = self._drawn(count, seed)
        if suffix == ".png":
            return png(tiles(samples) if self._codec.are_images else scatter(samples))
        written = BytesIO()
        np.savez(written, samples=samples)
        return written.getvalue()

    def files(self) -> Mapping[str, bytes]:
        if self._codec.are_images:
            return {"samples.png": self.file(".png", SHOWN_IMAGES, self._seed)}
        real = [self._codec.array(row) for row in islice(self._rows("valid"), SHOWN_POINTS)]
        generated = self._drawn(SHOWN_POINTS, self._seed)
        lowest, highest = corners(np.array(real) if real else generated)
        energies = self._landscape(lowest, highest)
        return {
            "samples.png": png(scatter(generated, np.array(real))),
            "energy.png": png(landscape(energies, generated, lowest, highest)),
        }

    def arrays(self) -> Mapping[str, np.ndarray]:
        if self._codec.are_images:
            return {}
        lowest, highest = corners(self._drawn(SHOWN_POINTS, self._seed))
        return {"energy": self._landscape(lowest, highest), "energy_extent": np.array([lowest, highest])}

    def examples(self, rows: Sequence[SampleRecord], known: Container[str]) -> list[SampleExample]:
        # The noise depends on the row only, not on the other rows.
        seeds = [[self._seed, key(row.line)] for row in rows]
        noise = [_noise(1, seed, self._latent)[0] for seed in seeds]
        samples = self._generated(np.array(noise), seeds)
        scores = np.concatenate([self._learner.score(part) for part in self._parts(samples)])[: len(rows)]
        return examples(self._codec, rows, samples, scores.tolist())

    def _drawn(self, count: int, seed: int) -> np.ndarray:
        """Samples (N, *shape), the first of which are the same for every count."""
        return self._generated(_noise(count, seed, self._latent), [[seed, i] for i in range(count)])

    def _generated(self, noise: np.ndarray, seeds: Sequence[list[int]]) -> np.ndarray:
        """z (N, latent) -> samples (N, *shape), which the decoder has changed with these seeds."""
        size = self._batch_size
        made = [
            self._codec.samples(self._moved(part, seeds[i * size : (i + 1) * size]))
            for i, part in enumerate(self._parts(noise))
        ]
        return np.concatenate(made)[: len(noise)]

    def _moved(self, noise: np.ndarray, seeds: Sequence[list[int]]) -> np.ndarray:
        """z (B, latent) -> samples as the networks see them; those without a seed are of no use."""
        sampler, learner, energy_of = self._sampler, self._learner, self._learner.energy
        if sampler is None or energy_of is None:
            return learner.raw(noise)
        latent = sampler.space == "latent"

        def energy(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            energies, slopes = energy_of(points, latent)
            if latent and sampler.prior:
                energies = energies + sampler.prior * np.square(points).sum(-1) / 2
                slopes = slopes + sampler.prior * points
            return energies, slopes

        start = noise if latent else learner.raw(noise)
        filled = [*seeds, *([[0]] * (len(noise) - len(seeds)))]
        points = sampler.sample(start, energy, filled)
        return learner.raw(points) if latent else points

    def _landscape(self, lowest: np.ndarray, highest: np.ndarray) -> np.ndarray:
        """The score of a grid of points, (CELLS, CELLS) float32; the first row is the upper one."""
        x, y = (np.linspace(low, high, CELLS) for low, high in zip(lowest, highest, strict=True))
        grid = np.stack(np.meshgrid(x, y[::-1]), -1).reshape(-1, 2).astype(np.float32)
        scores = np.concatenate([self._learner.score(part) for part in self._parts(grid)])
        return scores[: len(grid)].reshape(CELLS, CELLS)

    def _parts(self, array: np.ndarray) -> Iterator[np.ndarray]:
        """Batches of one size, the last one filled with zeros, because its shape may change the last bits."""
        for start in range(0, len(array), self._batch_size):
            part = array[start : start + self._batch_size]
            missing = [(0, self._batch_size - len(part)), *[(0, 0)] * (array.ndim - 1)]
            yield np.pad(part, missing)


def _noise(count: int, seed: int | list[int], latent: int) -> np.ndarray:
    """z, (count, latent) float32; the first rows of a seed are the same for every count."""
    return np.random.default_rng(seed).normal(size=(count, latent)).astype(np.float32)
