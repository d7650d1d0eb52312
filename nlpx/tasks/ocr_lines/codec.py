"""Codec of images of lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from operator import eq
from pathlib import Path

import numpy as np

from nlpx.components.sources.line_images import LineImage
from nlpx.data.codec import Codec, Vocabularies
from nlpx.data.images import UnreadableImage, image_files
from nlpx.data.items import Field
from nlpx.tasks.ocr_lines.columns import FRAME, MOST, columns_of, ink_of_line
from nlpx.tasks.ocr_lines.config import HEIGHT

CHARACTER, IMAGE, TRANSCRIPT = "character", "image", "transcript"
"""Name of the vocabulary, field of the columns of pixels, field and sequence of the ids of characters."""


@dataclass(frozen=True)
class LineCodec(Codec[LineImage]):
    """Images of lines as columns (W, 32, 1) uint8, with the ids of their characters, from 1.

    All characters of the training split have an id; id 0 is the blank of an alignment.
    """

    @property
    def fields(self) -> Mapping[str, Field]:
        return {IMAGE: Field("uint8", (HEIGHT, 1)), TRANSCRIPT: Field(sequence=TRANSCRIPT)}

    @property
    def min_counts(self) -> Mapping[str, int]:
        return {CHARACTER: 1}

    @property
    def max_sizes(self) -> Mapping[str, int | None]:
        return {CHARACTER: None}

    def check(self, row: LineImage) -> str | None:
        try:
            ink = self._ink(row)
        except UnreadableImage as error:
            return str(error)
        if not ink.any():
            return "there is no ink in it; expected a line of text"
        if ink.shape[1] > MOST * ink.shape[0]:
            return f"it is {ink.shape[1]} pixels wide and {ink.shape[0]} high; expected a line of text"
        frames, needed = len(columns_of(ink)) // FRAME, frames_of(row.text)
        if frames < needed:
            return (
                f"its text has {len(row.text)} characters, but the image is only {frames} frames of {FRAME} "
                f"pixels wide at a height of {HEIGHT}; expected the text of one line"
            )
        return None

    def count(self, row: LineImage) -> Mapping[str, Iterable[str]]:
        return {CHARACTER: list(row.text)}

    def encode(self, row: LineImage, vocabularies: Vocabularies) -> list[dict[str, np.ndarray]]:
        """Without characters that are not in the training split."""
        ids = vocabularies[CHARACTER].ids(row.text)
        return [{IMAGE: columns_of(self._ink(row)), TRANSCRIPT: ids[ids > 0]}]

    def keys(self, row: LineImage) -> Iterable[str]:
        return (row.text,)

    def inputs(self, path: Path) -> list[str] | None:
        return image_files(path)

    def _ink(self, row: LineImage) -> np.ndarray:
        if row.where not in self._latest:
            ink = ink_of_line(row)
            self._latest.clear()
            self._latest[row.where] = ink
        return self._latest[row.where]

    @cached_property
    def _latest(self) -> dict[str, np.ndarray]:
        """The latest line by its place: checked and encoded in turn, it is read once."""
        return {}


def frames_of(text: str) -> int:
    """The fewest frames that can spell a text: equal neighbours have a blank between them."""
    return len(text) + sum(eq(*pair) for pair in pairwise(text))
