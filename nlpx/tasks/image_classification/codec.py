"""Codec of images with classes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from nlpx.data.codec import Codec, Vocabularies
from nlpx.data.images import CHANNELS, UnreadableImage, image_files, read_image
from nlpx.data.items import Field
from nlpx.data.records import LabelledImage


@dataclass(frozen=True)
class ImageCodec(Codec[LabelledImage]):
    """Images with their classes."""

    size: int

    @property
    def fields(self) -> Mapping[str, Field]:
        return {
            "label": Field(sequence=None),
            "image": Field("uint8", (self.size, self.size, CHANNELS), sequence=None),
        }

    @property
    def min_counts(self) -> Mapping[str, int]:
        return {"label": 1}

    @property
    def max_sizes(self) -> Mapping[str, int | None]:
        return {"label": None}

    def check(self, row: LabelledImage) -> str | None:
        try:
            self.pixels(row)
        except UnreadableImage as error:
            return str(error)
        return None

    def count(self, row: LabelledImage) -> Mapping[str, Iterable[str]]:
        return {"label": [row.label]}

    def encode(self, row: LabelledImage, vocabularies: Vocabularies) -> list[dict[str, np.ndarray]]:
        (label,) = vocabularies["label"].ids([row.label]) - 1  # the unknown label is not a class
        return [{"label": label, "image": self.pixels(row)}]

    def keys(self, row: LabelledImage) -> Iterable[str]:
        return (hashlib.sha256(self.pixels(row).tobytes()).hexdigest(),)

    def pixels(self, row: LabelledImage) -> np.ndarray:
        """The image of a row, (size, size, 3) uint8; raises UnreadableImage."""
        if row.where not in self._latest:
            pixels = self._read(row)
            self._latest.clear()
            self._latest[row.where] = pixels
        return self._latest[row.where]

    @cached_property
    def _latest(self) -> dict[str, np.ndarray]:
        """The latest image by its place: checked, counted and encoded in turn, it is read once."""
        return {}

    def _read(self, row: LabelledImage) -> np.ndarray:
        if row.pixels is None:
            return read_image(Path(row.where), self.size)
        height, width = row.pixels.shape[:2]
        nearest = [((np.arange(self.size) + 0.5) * edge / self.size).astype(int) for edge in (height, width)]
        return row.pixels[np.ix_(*nearest)]

    def inputs(self, path: Path) -> list[str] | None:
        return image_files(path)
