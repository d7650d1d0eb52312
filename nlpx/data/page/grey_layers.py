"""Divide the pixels of a page into layers: intervals of grey levels between minima of their density."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from nlpx.data.glyphs import DARK
from nlpx.data.page.ink import LEVELS, grey_of

BRIGHTEST = LEVELS - 1


class Layers(NamedTuple):
    """Intervals of grey levels.

    Attributes:
        borders: the first level of every interval but the darkest, (L - 1,) int, ascending.
        values: the level of every interval with the highest density, (L,) int, ascending.
    """

    borders: np.ndarray
    values: np.ndarray


def grey_levels(pixels: np.ndarray, zoom: int = 2, power: float = 2.0, light: bool = True) -> np.ndarray:
    """Enlarged grey levels with a power transform, stretched from 0 to 255.

    y = round(255 (x^power - min) / (max - min)),   x = 0.299 R + 0.587 G + 0.114 B

    The power spreads light levels and compresses dark ones, which widens dark strokes on a light ground, and
    would narrow light ones on a dark ground.

    Args:
        pixels: a page, (H, W, 3) uint8.
        zoom: factor of the edges; cubic splines interpolate, so that strokes survive an erosion.
        power: exponent.
        light: whether a page whose median level is below 128 is inverted before; false as in the archive.

    Returns:
        (zoom H, zoom W) uint8; a page of one colour is 0.

    Source: kexue.fm archive 3781.
    """
    grey = grey_of(pixels).astype(np.float32)
    if light and np.median(grey) < DARK:
        grey = BRIGHTEST - grey
    if zoom > 1:
        # In grid mode, a pixel becomes exactly zoom x zoom pixels. Splines overshoot at edges.
        grey = ndimage.zoom(grey, zoom, mode="nearest", grid_mode=True).clip(0, BRIGHTEST)
    grey **= power
    low, high = float(grey.min()), float(grey.max())
    return np.rint((grey - low) * (BRIGHTEST / max(high - low, 1e-9))).astype(np.uint8)


def density(levels: np.ndarray, bandwidth: float = 0.2) -> np.ndarray:
    """The estimated density of the grey levels at 0, 1, ..., 255.

    f(x) = sum over pixels i of N(x; y_i, h^2) / n,   h = bandwidth * standard deviation of y

    This equals `scipy.stats.gaussian_kde(y, bw_method=bandwidth)` up to its n - 1 in the variance, but takes
    as long as there are levels, not pixels.

    Args:
        levels: y, (H, W) uint8.
        bandwidth: smoothness; the larger, the fewer layers.

    Returns:
        (256,) float64. If there is one level only, it is 1 there and 0 elsewhere.

    Source: kexue.fm archive 3785.
    """
    shares = np.bincount(levels.ravel(), minlength=LEVELS) / levels.size
    at = np.arange(LEVELS)
    mean = shares @ at
    h = bandwidth * np.sqrt(shares @ (at - mean) ** 2)
    if h == 0:
        return shares
    kernel = np.exp(-((at[:, None] - at) ** 2) / (2 * h**2)) / (h * np.sqrt(2 * np.pi))
    return kernel @ shares


def layers(density: np.ndarray) -> Layers:
    """The layers of a density (256,): minima are borders, maxima are values.

    Source: kexue.fm archive 3785.
    """
    outside = np.pad(density, 1, constant_values=-np.inf)
    return Layers(_maxima(-density), _maxima(outside) - 1)


def _maxima(values: np.ndarray) -> np.ndarray:
    """Places of maxima that are not at an end, as `scipy.signal.find_peaks`: the middle of a flat one."""
    steps = np.diff(values)
    changes = np.flatnonzero(steps)
    up, down = changes[:-1], changes[1:]
    peaks = (steps[up] > 0) & (steps[down] < 0)
    return (up[peaks] + 1 + down[peaks]) // 2


def layer_of(levels: np.ndarray, borders: np.ndarray) -> np.ndarray:
    """The number of the layer of every pixel, from 1 for the darkest, (H, W) uint8."""
    return (np.searchsorted(borders, np.arange(LEVELS), side="right") + 1).astype(np.uint8)[levels]
