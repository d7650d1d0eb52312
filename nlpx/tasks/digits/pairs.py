"""Images of two objects, one above the other, made of the images of a split."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable

import numpy as np

from nlpx.data.keys import key
from nlpx.data.records import LabelledImage

POOL = 10_000
"""Number of images of a split from which the other object is drawn."""


class Pairs:
    """Adds an object of another class of the same subset to an image.

    Which one is a pure function of the seed, the image, and the images of the split in any order.

    Args:
        seed: another seed makes other pairs.
        pixels: returns the image of a row, (S, S, 1).
    """

    def __init__(self, seed: int, pixels: Callable[[LabelledImage], np.ndarray]) -> None:
        self._seed = seed
        self._pixels = pixels
        self._pools: defaultdict[str, list[tuple[str, np.ndarray]]] = defaultdict(list)

    def survey(self, rows: Iterable[LabelledImage]) -> None:
        """Read the images of a split."""
        drawn = ((self._draw("pool", row), row.line, row, self._pixels(row)) for row in rows)
        self._pools.clear()
        for _, _, row, image in heapq.nsmallest(POOL, drawn, key=lambda entry: entry[:2]):
            self._pools[row.group].append((row.label, image))

    def pair(self, row: LabelledImage) -> tuple[np.ndarray, tuple[str, str]] | None:
        """The image of a row, above or below another one, (2 S, S, 1), and both classes from top to bottom.

        None if there is no image of another class.
        """
        pool, number = self._pools[row.group], self._draw("pair", row)
        own = row.label, self._pixels(row)
        for step in range(len(pool)):
            other = pool[(number // 2 + step) % len(pool)]
            if other[0] != row.label:
                (first, above), (second, below) = (own, other) if number % 2 else (other, own)
                return np.concatenate([above, below]), (first, second)
        return None

    def _draw(self, purpose: str, row: LabelledImage) -> int:
        """64 bits."""
        return key(f"{purpose} {self._seed} {row.line}")
