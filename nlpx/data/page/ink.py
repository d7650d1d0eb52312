"""Which pixels of an image are ink."""

from __future__ import annotations

import numpy as np

LEVELS = 256


def grey_of(pixels: np.ndarray) -> np.ndarray:
    """Brightness Y = 0.299 R + 0.587 G + 0.114 B of an image (H, W, 3) uint8, (H, W) uint8."""
    return np.rint(pixels @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)


def ink_of(pixels: np.ndarray) -> np.ndarray:
    """The ink of an image (H, W, 3) uint8, (H, W) bool: dark on a light ground, or light on a dark one.

    The ground is what most pixels belong to. An image of one grey has no ink.
    """
    grey = grey_of(pixels)
    dark = grey <= threshold(grey)
    return dark if dark.sum() * 2 <= dark.size else ~dark


def threshold(grey: np.ndarray) -> int:
    """The grey value that best divides all pixels in two classes: the largest variance between them.

    Of equal ones, it is the middle. If there is only one grey, no pixel is at or below the threshold.

    Source: Otsu 1979.
    """
    counts = np.bincount(grey.ravel(), minlength=LEVELS).astype(np.float64)
    below, total = np.cumsum(counts), counts.sum()
    mass = np.cumsum(counts * np.arange(LEVELS))
    both = (below > 0) & (below < total)
    if not both.any():
        return -1
    between = np.zeros(LEVELS)
    apart = mass[both] * total - mass[-1] * below[both]
    between[both] = apart**2 / (below[both] * (total - below[both]))
    best = np.flatnonzero(between >= between.max() * (1 - 1e-12))
    return int(best[len(best) // 2])
