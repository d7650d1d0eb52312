"""Image augmentation as pure functions of an image and random numbers.

All use nearest-neighbour interpolation: a pixel of the result is a pixel of an image, or black.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Mode = Literal["vertical", "horizontal", "main_diagonal", "anti_diagonal"]
MODES: tuple[Mode, ...] = ("vertical", "horizontal", "main_diagonal", "anti_diagonal")
QUADRANTS = 4
LARGEST_ANGLE = 10.0
SMALLEST_ZOOM, LARGEST_ZOOM = 0.8, 1.2
MASKED = 0.5
FLIPPED = 0.5


@dataclass(frozen=True, slots=True)
class Change:
    """The augmentation of one image, in this order.

    Attributes:
        angle: rotation in degrees, counter-clockwise.
        place: position at which the zoomed image is cropped (zoom >= 1) or pasted (zoom < 1), relative to the
            free space.
        quadrant: the quarter to black out, numbered by row from 0; None for none.
    """

    angle: float = 0.0
    zoom: float = 1.0
    place: tuple[float, float] = (0.5, 0.5)
    flip: bool = False
    quadrant: int | None = None

    @classmethod
    def draw(cls, random: np.random.Generator, *, full: bool) -> Change:
        """The distributions of the original: zoom and flip, with `full` also rotation and a black quarter.

        angle ~ U(-10, 10), zoom ~ U(.8, 1.2), flip with p = 1/2, each quadrant with p = 1/8.
        """
        zoom = random.uniform(SMALLEST_ZOOM, LARGEST_ZOOM)
        place = (random.random(), random.random())
        flip = random.random() < FLIPPED
        if not full:
            return cls(zoom=zoom, place=place, flip=flip)
        angle = random.uniform(-LARGEST_ANGLE, LARGEST_ANGLE)
        quadrant = int(random.integers(QUADRANTS)) if random.random() < MASKED else None
        return cls(angle, zoom, place, flip, quadrant)

    def __call__(self, image: np.ndarray, other: np.ndarray) -> np.ndarray:
        """The augmented image, (S, S, 3) uint8; an image that was scaled down is pasted onto `other`."""
        changed = zoom(rotate(image, self.angle), self.zoom, self.place, other)
        if self.flip:
            changed = changed[:, ::-1]
        return changed if self.quadrant is None else mask_quadrant(changed, self.quadrant)


def rotate(image: np.ndarray, degrees: float) -> np.ndarray:
    """The image rotated counter-clockwise around its centre on a black background.

    Pixel (y, x) of the result is that at R(y - m, x - m) + m, rounded, m = (S - 1) / 2.
    """
    if not degrees:
        return image
    size = len(image)
    angle, middle = np.deg2rad(degrees), (size - 1) / 2
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    offset = np.arange(size, dtype=np.float32) - np.float32(middle)
    y, x = offset[:, None], offset[None, :]
    rows = np.rint(cos * y + sin * x + middle).astype(np.int32)
    columns = np.rint(cos * x - sin * y + middle).astype(np.int32)
    inside = (rows >= 0) & (rows < size) & (columns >= 0) & (columns < size)
    turned = image[rows.clip(0, size - 1), columns.clip(0, size - 1)]
    turned[~inside] = 0
    return turned


def zoom(image: np.ndarray, factor: float, place: tuple[float, float], other: np.ndarray) -> np.ndarray:
    """The image scaled by `factor`, cropped to its original size or pasted onto another image."""
    size = len(image)
    new = round(size * factor)
    nearest = ((np.arange(new) + 0.5) * size / new).astype(np.int32)
    room = abs(new - size)
    top, left = (int(share * (room + 1)) for share in place)
    if new >= size:
        return image[nearest[top : top + size, None], nearest[None, left : left + size]]
    result = other.copy()
    result[top : top + new, left : left + new] = image[nearest[:, None], nearest[None, :]]
    return result


def mask_quadrant(image: np.ndarray, quadrant: int) -> np.ndarray:
    """The image with a quarter blacked out: 0 top left, 1 top right, 2 bottom left, 3 bottom right."""
    half = len(image) // 2
    result = image.copy()
    rows = slice(half) if quadrant < 2 else slice(half, None)
    columns = slice(half) if quadrant % 2 == 0 else slice(half, None)
    result[rows, columns] = 0
    return result


def splice(first: np.ndarray, second: np.ndarray, mode: Mode, cut: int) -> np.ndarray:
    """A combination of two images of a class: `first` inside the mask of the mode, `second` outside."""
    return np.where(splice_mask(len(first), mode, cut)[..., None], first, second)


def splice_mask(size: int, mode: Mode, cut: int) -> np.ndarray:
    """The mask of the first image, (size, size) bool: above or left of the cut, or below a diagonal.

    Args:
        mode: vertical combines top and bottom, horizontal left and right; with the diagonals, the lower
            triangle with the diagonal belongs to the first image.
        cut: first row or column of the second image; not used for diagonals.
    """
    index = np.arange(size)
    rows, columns = index[:, None], index[None, :]
    if mode == "vertical":
        return np.broadcast_to(rows < cut, (size, size))
    if mode == "horizontal":
        return np.broadcast_to(columns < cut, (size, size))
    return columns <= rows if mode == "main_diagonal" else rows + columns >= size - 1


def draw_splice(first: np.ndarray, second: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """A combination with random mode; cuts are in the middle half of the image."""
    size = len(first)
    mode = MODES[int(random.integers(len(MODES)))]
    return splice(first, second, mode, int(random.integers(size // 4, 3 * size // 4)))
