"""Codec of small grey images with classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nlpx.data.images import ImageSource, read_image
from nlpx.data.items import Field
from nlpx.data.records import LabelledImage
from nlpx.tasks.image_classification.codec import ImageCodec

HIGHEST = 8
"""An image is read up to this multiple of its width."""


@dataclass(frozen=True)
class GreyCodec(ImageCodec):
    """Square grey images with their classes."""

    @property
    def fields(self) -> Mapping[str, Field]:
        return {**super().fields, "image": Field("uint8", (self.size, self.size, 1), sequence=None)}

    def class_of(self, row: LabelledImage) -> str:
        return row.label

    def pixels(self, row: LabelledImage) -> np.ndarray:
        """The image of a row, (size, size, 1) uint8; raises UnreadableImage."""
        return grey(super().pixels(row))

    def read(self, path: ImageSource, whole: bool) -> np.ndarray:
        """An image file, (H, size, 1) uint8; raises UnreadableImage.

        Args:
            path: of the file, or what it contains.
            whole: keep the height of a high image, which may show several objects; otherwise H is `size`.
        """
        return grey(read_image(path, self.size, HIGHEST if whole else 1))


def grey(image: np.ndarray) -> np.ndarray:
    """RGB (H, W, 3) uint8 -> the rounded mean of the channels, (H, W, 1) uint8."""
    return np.rint(image.mean(-1, keepdims=True)).astype(np.uint8)
