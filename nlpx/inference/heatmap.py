"""Arrays as images: one cell for every number, bright where it is large."""

from __future__ import annotations

import math

import numpy as np

WIDEST, LARGEST = 1024, 16
"""Pixels: edge of an image up to which cells are enlarged, and edge of a cell."""
GAP = 255


def heatmap(array: np.ndarray) -> np.ndarray:
    """An array of any shape -> (H, W, 1) uint8, black for the smallest number and white for the largest one.

    The last two axes are rows and columns; matrices of further axes are placed side by side, with white
    lines between them. Numbers that are not finite are black.
    """
    numbers = np.asarray(array, np.float64)
    if not numbers.size:
        return np.zeros((1, 1, 1), np.uint8)
    matrices = numbers.reshape(-1, *((1, 1, *numbers.shape)[-2:]))
    finite = np.isfinite(matrices)
    low, high = (float(f(matrices[finite])) if finite.any() else 0.0 for f in (np.min, np.max))
    shares = (np.where(finite, matrices, low) - low) / ((high - low) or 1.0)
    pixels = np.rint(shares * 255).astype(np.uint8)
    count, height, width = pixels.shape
    columns = math.ceil(math.sqrt(count * height / width))
    columns = min(max(columns, 1), count)
    rows = math.ceil(count / columns)
    cells = np.full((rows * columns, height + 1, width + 1), GAP, np.uint8)
    cells[:count, :height, :width] = pixels
    grid = cells.reshape(rows, columns, height + 1, width + 1).swapaxes(1, 2)
    image = grid.reshape(rows * (height + 1), columns * (width + 1))[:-1, :-1]
    edge = min(max(WIDEST // max(image.shape), 1), LARGEST)
    return image.repeat(edge, 0).repeat(edge, 1)[..., None]
