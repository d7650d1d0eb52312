"""Codec of samples: points, or images."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nlpx.data.codec import Codec, Vocabularies
from nlpx.data.images import UnreadableImage
from nlpx.data.items import Field
from nlpx.data.points import Point
from nlpx.data.records import LabelledImage
from nlpx.tasks.gan.features import ImageFeatures
from nlpx.tasks.image_classification.codec import ImageCodec

SCALE = 127.5
"""Half of the range of a pixel: networks see images between -1 and 1."""
SampleRecord = Point | LabelledImage


@dataclass(frozen=True)
class SampleCodec(Codec[SampleRecord]):
    """Points as float32, images as uint8.

    Attributes:
        shape: of a sample, (2,) or (size, size, channels).
    """

    shape: tuple[int, ...]

    @property
    def are_images(self) -> bool:
        return len(self.shape) == 3

    @property
    def fields(self) -> Mapping[str, Field]:
        return {"sample": Field("uint8" if self.are_images else "float32", self.shape, sequence=None)}

    @property
    def min_counts(self) -> Mapping[str, int]:
        return {}

    @property
    def max_sizes(self) -> Mapping[str, int | None]:
        return {}

    def check(self, row: SampleRecord) -> str | None:
        if isinstance(row, Point):
            return None if math.isfinite(row.x + row.y) else "the coordinates are not finite"
        try:
            self.array(row)
        except UnreadableImage as error:
            return str(error)
        return None

    def count(self, row: SampleRecord) -> Mapping[str, Iterable[str]]:
        return {}

    def encode(self, row: SampleRecord, vocabularies: Vocabularies) -> list[dict[str, np.ndarray]]:
        return [{"sample": self.array(row)}]

    def keys(self, row: SampleRecord) -> Iterable[str]:
        return (hashlib.sha256(self.array(row).tobytes()).hexdigest(),)

    def array(self, row: SampleRecord) -> np.ndarray:
        """The sample of a row; raises UnreadableImage."""
        if isinstance(row, Point):
            return np.array([row.x, row.y], np.float32)
        pixels = self._images.pixels(row)
        return pixels if self.shape[-1] > 1 else np.rint(pixels.mean(-1, keepdims=True)).astype(np.uint8)

    def samples(self, raw: np.ndarray) -> np.ndarray:
        """Samples as the networks see them -> points float32, or images uint8."""
        return np.rint((raw + 1.0) * SCALE).clip(0, 255).astype(np.uint8) if self.are_images else raw

    @cached_property
    def features(self) -> ImageFeatures:
        """The features of images, the same object for all predictors."""
        return ImageFeatures(self.array)

    @cached_property
    def _images(self) -> ImageCodec:
        return ImageCodec(self.shape[0])
