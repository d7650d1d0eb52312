"""Reference of the task digits: the classes of the most similar training images."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from nlpx.data.records import LabelledImage
from nlpx.specs.predictor import Say, unheard
from nlpx.tasks.digits.predictor import ScorePredictor

NEIGHBOURS = 3
IMAGES = 20_000
"""Most training images that are compared."""
AT_ONCE = 256


class NearestImages(ScorePredictor):
    """Scores are the shares of classes among the three training images with the highest cosine of pixels.

    An image of two objects is cut in the middle, and the score of a class is the higher one of both halves:
    unlike a trained model, the reference is told where the objects are.
    """

    _labels: Sequence[str] = ()

    @property
    def classes(self) -> Sequence[str]:
        return self._labels

    @property
    def signature(self) -> str:
        return (
            f"{NEIGHBOURS} neighbours by cosine among {len(self._images):,} training images; halves of pairs"
        )

    def prepare(
        self,
        rows: Callable[[str], Iterable[LabelledImage]],
        folder: Path | None = None,
        weights: str = "",
        say: Say = unheard,
    ) -> None:
        train = list(islice(rows("train"), IMAGES))
        self._labels = sorted({row.label for row in train})
        self._images = _directions(np.stack([self._codec.pixels(row) for row in train]))
        targets = [self._labels.index(row.label) for row in train]
        self._targets = np.eye(len(self._labels))[targets]

    def scores(self, images: np.ndarray) -> np.ndarray:
        size = images.shape[2]
        halves = [self._nearest(images[:, start : start + size]) for start in range(0, images.shape[1], size)]
        return np.max(halves, axis=0)

    def _nearest(self, images: np.ndarray) -> np.ndarray:
        """Images (N, S, S, 1) -> shares of classes (N, U)."""
        shares = []
        for start in range(0, len(images), AT_ONCE):
            cosines = _directions(images[start : start + AT_ONCE]) @ self._images.T
            count = min(NEIGHBOURS, cosines.shape[1])
            nearest = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
            # The nearest one decides among classes with equal shares.
            weights = 1 + 1e-6 * np.take_along_axis(cosines, nearest, 1)
            shares.append(
                np.einsum("nk,nku->nu", weights / weights.sum(1, keepdims=True), self._targets[nearest])
            )
        return np.concatenate(shares)


def _directions(images: np.ndarray) -> np.ndarray:
    """Images (N, S, S, 1) uint8 -> vectors of length 1, (N, S * S) float32."""
    flat = images.reshape(len(images), -1).astype(np.float32)
    return flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-9)
