"""Reference of the task ocr: the character of the most similar training image."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from pathlib import Path

import numpy as np

from nlpx.data.records import LabelledImage
from nlpx.specs.predictor import Reference, Say, unheard
from nlpx.tasks.ocr.codec import BRIGHT, GlyphCodec
from nlpx.tasks.ocr.example import GlyphExample
from nlpx.tasks.ocr.predictor import glyph_example

MOST = 60_000
"""Training images that are compared at most, evenly chosen."""
SHARPNESS = 40.0
"""Scale of the similarities, of which a softmax gives probabilities."""


class NearestImage(Reference[LabelledImage, GlyphExample]):
    """The class of the training image with the largest cosine of the pixels; classes by their best image.

    Args:
        codec: turns records into images.
    """

    def __init__(self, codec: GlyphCodec) -> None:
        self._codec = codec

    def prepare(
        self,
        rows: Callable[[str], Iterable[LabelledImage]],
        folder: Path | None = None,
        weights: str = "",
        say: Say = unheard,
    ) -> None:
        train = [(row.label, self._codec.pixels(row) > 0) for row in rows("train")]
        chosen = train[:: -(-len(train) // MOST)]
        chosen.sort(key=lambda pair: pair[0])
        labels = [label for label, _ in chosen]
        self._classes = sorted(set(labels))
        self._ids = {label: i for i, label in enumerate(self._classes)}
        self._starts = [labels.index(label) for label in self._classes]
        self._images = _unit(np.array([ink for _, ink in chosen]))

    def examples(self, rows: Sequence[LabelledImage], known: Container[str]) -> list[GlyphExample]:
        pixels = np.array([self._codec.pixels(row) for row in rows]) == BRIGHT
        cosines = _unit(pixels) @ self._images.T
        best = np.maximum.reduceat(cosines, self._starts, axis=1)
        shares = np.exp(SHARPNESS * (best - best.max(1, keepdims=True)))
        shares /= shares.sum(1, keepdims=True)
        return [glyph_example(row, p, self._classes, self._ids) for row, p in zip(rows, shares, strict=True)]


def _unit(ink: np.ndarray) -> np.ndarray:
    """Masks (n, ...) bool as vectors of length 1, (n, pixels) float32."""
    flat = ink.reshape(len(ink), -1).astype(np.float32)
    return flat / np.maximum(np.sqrt(flat.sum(1, keepdims=True)), 1)
