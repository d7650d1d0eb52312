"""Noise in the pixels of images."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.tricks.base import Arrays, Trick
from nlpx.components.tricks.row_numbers import uniform
from nlpx.components.varying import Varying, now
from nlpx.core.lazy import np
from nlpx.core.options import Rate

STREAM = 48
"""Keeps the random numbers apart from those of other tricks."""
BRIGHTEST = 255


class PixelNoise(Trick):
    """Invert random pixels of every image.

    x <- 255 - x with probability rate, in all channels

    Options:
        rate: probability that a pixel is inverted.
    Shapes: images (B, S, S, C) uint8.
    Data: images.
    Relations: for black and white images of documents, so that specks and holes do not matter; colour
        photographs have other noise. Inverted pixels follow from the seed of the experiment, the epoch and
        the row alone, so micro-batches are exactly one batch. Evaluations have no noise unless the source
        adds it.
    Reference: kexue.fm archive 3831; the random numbers are those of SplitMix64, Steele et al. 2014.
    Example:
        tricks:
          - {type: pixel_noise, rate: 0.05}
    """

    needs: ClassVar[frozenset[str]] = frozenset({"image"})
    excludes: ClassVar = {"trick/pixel_noise": "both would invert the same pixels; set one rate"}

    type: Literal["pixel_noise"] = "pixel_noise"
    rate: Varying[Rate] = 0.05

    def data(self, batch: Arrays, rows: np.ndarray, epoch: int, seed: int) -> Arrays:
        images = batch["image"]
        height, width = images.shape[1:3]
        drawn = uniform((seed, epoch, STREAM), rows, height * width) < float(now(self.rate))
        inverted = drawn.reshape(-1, height, width, 1)
        return {**batch, "image": np.where(inverted, BRIGHTEST - images, images)}
