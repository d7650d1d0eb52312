"""Lines of text as columns of a fixed height."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nlpx.components.sources.line_images import LineImage
from nlpx.data.glyphs import DARK, trimmed
from nlpx.data.images import read_image
from nlpx.data.page.ink import ink_of
from nlpx.tasks.ocr_lines.config import HEIGHT

FRAME = 4
"""Columns of a frame, for which the model gives one prediction."""
MOST = 256
"""Width of a line in heights, to which longer ones are squeezed: rules between texts, for example."""
BRIGHT = 255


def ink_of_line(row: LineImage) -> np.ndarray:
    """The ink of a row, (H, W) bool, without margins if it is a file. Raises UnreadableImage."""
    if row.pixels is None:
        return trimmed(ink_of(read_image(Path(row.where), None)))
    return row.pixels.mean(-1) < DARK


def columns_of(ink: np.ndarray) -> np.ndarray:
    """The columns of a line (H, W) bool from the left, (T * FRAME, HEIGHT, 1) uint8, ink 255, paper 0.

    Scaled to the height by averaging over the covered area, and filled with paper to a whole frame.
    """
    if not ink.size:
        return np.zeros((0, HEIGHT, 1), np.uint8)
    height, width = ink.shape
    scaled = min(max(round(width * HEIGHT / height), 1), MOST * HEIGHT)
    grey = _averaged(_averaged(ink.astype(np.float64), HEIGHT).T, scaled)
    filled = np.pad(np.rint(BRIGHT * grey).astype(np.uint8), [(0, -scaled % FRAME), (0, 0)])
    return filled[..., None]


def _averaged(x: np.ndarray, rows: int) -> np.ndarray:
    """x (H, W) with so many rows, each the mean over the rows of x that it covers, in parts at its ends."""
    edges = np.linspace(0, len(x), rows + 1)
    whole = np.minimum(edges.astype(int), len(x) - 1)
    above = np.concatenate([np.zeros((1, x.shape[1])), np.cumsum(x, 0)])
    return np.diff(above[whole] + (edges - whole)[:, None] * x[whole], axis=0) * rows / len(x)
