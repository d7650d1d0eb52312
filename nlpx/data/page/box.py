"""Rectangles of pixels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    import numpy as np


class Box(NamedTuple):
    """A rectangle of pixels."""

    top: int
    left: int
    height: int
    width: int

    @property
    def bottom(self) -> int:
        """The first row below it."""
        return self.top + self.height

    @property
    def right(self) -> int:
        """The first column to the right of it."""
        return self.left + self.width

    @classmethod
    def between(cls, rows: slice, columns: slice) -> Self:
        """The box of two slices, as `scipy.ndimage.find_objects` gives them."""
        return cls(rows.start, columns.start, rows.stop - rows.start, columns.stop - columns.start)

    @classmethod
    def around(cls, boxes: Iterable[Box]) -> Self:
        """The smallest box that contains some, of which there is at least one."""
        found = list(boxes)
        top, left = min(box.top for box in found), min(box.left for box in found)
        bottom, right = max(box.bottom for box in found), max(box.right for box in found)
        return cls(top, left, bottom - top, right - left)

    def of(self, image: np.ndarray) -> np.ndarray:
        """The pixels of the box."""
        return image[self.top : self.bottom, self.left : self.right]

    def smaller(self, zoom: int) -> Box:
        """The box in an image of which each pixel is `zoom` x `zoom` pixels here; it never gets empty."""
        top, left = self.top // zoom, self.left // zoom
        bottom, right = -(-self.bottom // zoom), -(-self.right // zoom)
        return Box(top, left, bottom - top, right - left)
