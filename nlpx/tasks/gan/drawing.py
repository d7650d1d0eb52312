"""Images of samples: points as a scatter plot, images as tiles."""

from __future__ import annotations

import math

import numpy as np

SIZE, MARGIN = 384, 0.15
"""Edge of a plot in pixels, and its margin as a share of the extent of the points."""
REAL, GENERATED = (185, 185, 185), (200, 40, 40)


def tiles(images: np.ndarray) -> np.ndarray:
    """Images (N, S, S, C) uint8 side by side in a square -> (H, W, C) uint8."""
    count, height, width, channels = images.shape
    columns = math.ceil(math.sqrt(count))
    lines = math.ceil(count / columns)
    filled = np.zeros((lines * columns, height, width, channels), np.uint8)
    filled[:count] = images
    grid = filled.reshape(lines, columns, height, width, channels).swapaxes(1, 2)
    return grid.reshape(lines * height, columns * width, channels)


def scatter(generated: np.ndarray, real: np.ndarray | None = None) -> np.ndarray:
    """Red dots for generated points (N, 2) over grey ones for real points -> (SIZE, SIZE, 3) uint8.

    The plot shows the extent of the real points, if there are any; points outside are not drawn.
    """
    lowest, highest = corners(generated if real is None or not len(real) else real)
    canvas = np.full((SIZE, SIZE, 3), 255, np.uint8)
    for points, colour in ((real, REAL), (generated, GENERATED)):
        if points is not None and len(points):
            _plot(canvas, points, lowest, highest, colour)
    return canvas


def corners(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The lower left and the upper right corner of a square around points (N, 2), with a margin."""
    low, high = points.min(0), points.max(0)
    extent = max(float((high - low).max()), 1e-9) * (1 + 2 * MARGIN)
    return (low + high - extent) / 2, (low + high + extent) / 2


def landscape(
    energies: np.ndarray, points: np.ndarray, lowest: np.ndarray, highest: np.ndarray
) -> np.ndarray:
    """Energies (N, N) in grey, white where they are low, and red dots for points -> (SIZE, SIZE, 3) uint8."""
    finite = np.isfinite(energies)
    low, high = (float(f(energies[finite])) if finite.any() else 0.0 for f in (np.min, np.max))
    shares = (high - np.where(finite, energies, high)) / ((high - low) or 1.0)
    pixels = np.rint(255 * shares).astype(np.uint8)
    places = np.arange(SIZE) * len(pixels) // SIZE
    canvas = np.repeat(pixels[np.ix_(places, places)][..., None], 3, -1)
    _plot(canvas, points, lowest, highest, GENERATED)
    return canvas


def _plot(
    canvas: np.ndarray,
    points: np.ndarray,
    lowest: np.ndarray,
    highest: np.ndarray,
    colour: tuple[int, int, int],
) -> None:
    """Draw points between two corners."""
    x, y = ((points - lowest) / (highest - lowest) * SIZE).T
    _dots(canvas, SIZE - y, x, colour)


def _dots(canvas: np.ndarray, y: np.ndarray, x: np.ndarray, colour: tuple[int, int, int]) -> None:
    """Squares of three pixels."""
    y, x = np.floor(y).astype(int), np.floor(x).astype(int)
    for dy, dx in np.ndindex(3, 3):
        rows, columns = y + dy - 1, x + dx - 1
        inside = (rows >= 0) & (rows < SIZE) & (columns >= 0) & (columns < SIZE)
        canvas[rows[inside], columns[inside]] = colour
