"""Codec of images of characters."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from nlpx.data.codec import Codec, Vocabularies
from nlpx.data.glyphs import DARK, SIZE, framed
from nlpx.data.images import UnreadableImage, image_files, read_image
from nlpx.data.items import Field
from nlpx.data.page.ink import ink_of
from nlpx.data.records import LabelledImage
from nlpx.text.vocabulary import UNKNOWN, Vocabulary

CHARACTER, LABEL, IMAGE = "character", "label", "image"
"""Name of the vocabulary of classes, field of their ids, field of the pixels."""
BRIGHT = 255


@dataclass(frozen=True)
class GlyphCodec(Codec[LabelledImage]):
    """Images of single characters: (48, 48, 1) uint8, ink 255, paper 0.

    The classes have the order in which the training split names them first.
    """

    @property
    def fields(self) -> Mapping[str, Field]:
        return {LABEL: Field(sequence=None), IMAGE: Field("uint8", (SIZE, SIZE, 1), sequence=None)}

    @property
    def min_counts(self) -> Mapping[str, int]:
        return {}

    @property
    def max_sizes(self) -> Mapping[str, int | None]:
        return {}

    def check(self, row: LabelledImage) -> str | None:
        try:
            empty = not self.pixels(row).any()
        except UnreadableImage as error:
            return str(error)
        return "there is no ink in it; expected a dark character on a light ground" if empty else None

    def class_of(self, row: LabelledImage) -> str:
        return row.label

    def count(self, row: LabelledImage) -> Mapping[str, Iterable[str]]:
        return {}

    @property
    def derived(self) -> tuple[str, ...]:
        return (CHARACTER,)

    def derive(self, rows: Iterable[LabelledImage], vocabularies: Vocabularies) -> Vocabularies:
        counts: dict[str, int] = {}
        for row in rows:
            counts[row.label] = counts.get(row.label, 0) + 1
        counts.pop(UNKNOWN, None)
        return {CHARACTER: Vocabulary([UNKNOWN, *counts], [0, *counts.values()])}

    def encode(self, row: LabelledImage, vocabularies: Vocabularies) -> list[dict[str, np.ndarray]]:
        (label,) = vocabularies[CHARACTER].ids([row.label]) - 1  # the unknown character is not a class
        return [{LABEL: label, IMAGE: self.pixels(row)}]

    def keys(self, row: LabelledImage) -> Iterable[str]:
        return (hashlib.sha256(self.pixels(row).tobytes()).hexdigest(),)

    def pixels(self, row: LabelledImage) -> np.ndarray:
        """The image of a row; raises UnreadableImage."""
        if row.where not in self._latest:
            pixels = _ink(row)
            self._latest.clear()
            self._latest[row.where] = pixels
        return self._latest[row.where]

    @cached_property
    def _latest(self) -> dict[str, np.ndarray]:
        """The latest image by its place: checked and encoded in turn, it is read once."""
        return {}

    def inputs(self, path: Path) -> list[str] | None:
        return image_files(path)


def _ink(row: LabelledImage) -> np.ndarray:
    """The pixels of a row. Images of another size, and files, are cut around their ink and scaled."""
    if row.pixels is None:
        return as_pixels(framed(ink_of(read_image(Path(row.where), None))))
    if row.pixels.shape[:2] == (SIZE, SIZE):
        return as_pixels(row.pixels.mean(-1) < DARK)
    return as_pixels(framed(ink_of(row.pixels)))


def as_pixels(ink: np.ndarray) -> np.ndarray:
    """A mask (S, S) bool -> (S, S, 1) uint8."""
    return np.where(ink[..., None], BRIGHT, 0).astype(np.uint8)
