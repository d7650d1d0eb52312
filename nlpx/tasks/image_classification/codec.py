"""Images with their classes: pixels in, a class out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from nlpx.data.images import UnreadableImage, pack, read_image
from nlpx.data.records import LabelledImage
from nlpx.errors import UsageError
from nlpx.specs.codec import Codec, Vocabularies
from nlpx.tasks.image_classification.config import ImageClassification


class ImageCodec(Codec[LabelledImage]):
    """Images with their classes."""

    def __init__(self, experiment: ImageClassification) -> None:
        self.experiment = experiment
        self.size = experiment.model.image_size
        self._latest: tuple[str, np.ndarray] | None = None

    @property
    def min_counts(self) -> Mapping[str, int]:
        return {"label": 1}

    @property
    def max_sizes(self) -> Mapping[str, int | None]:
        return {"label": None}

    def settings(self) -> str:
        return f"{type(self).__name__} 2 size={self.size}"

    def check(self, row: LabelledImage) -> str | None:
        try:
            self.pixels(row)
        except UnreadableImage as error:
            return str(error)
        return None

    def count(self, row: LabelledImage) -> Mapping[str, Iterable[str]]:
        return {"label": [row.label]}

    def encode(self, row: LabelledImage, vocabularies: Vocabularies) -> list[dict[str, np.ndarray]]:
        label = vocabularies["label"].ids([row.label]) - 1  # the unknown is no class
        return [{"label": label, "picture.pixels": pack(self.pixels(row))}]

    def keys(self, row: LabelledImage) -> Iterable[str]:
        return (hashlib.sha256(self.pixels(row).tobytes()).hexdigest(),)

    def pixels(self, row: LabelledImage) -> np.ndarray:
        """The image of a row, (size, size, 3) uint8; raises UnreadableImage."""
        if self._latest is None or self._latest[0] != row.where:
            # Checked, counted and encoded in turn, a row is read once.
            self._latest = row.where, self._read(row)
        return self._latest[1]

    def _read(self, row: LabelledImage) -> np.ndarray:
        if row.pixels is None:
            return read_image(Path(row.where), self.size)
        height, width = row.pixels.shape[:2]
        nearest = [((np.arange(self.size) + 0.5) * edge / self.size).astype(int) for edge in (height, width)]
        return row.pixels[np.ix_(*nearest)]

    def inputs(self, path: Path) -> list[str] | None:
        if not path.is_dir():
            return [str(path)]
        found = sorted(file for file in path.rglob("*") if file.is_file() and not file.name.startswith("."))
        if not found:
            raise UsageError(f"{path}: no file is in this folder. Expected images.")
        return [str(file) for file in found]
