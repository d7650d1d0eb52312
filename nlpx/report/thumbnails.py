"""Small images of rows, which are read from the data of a run."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np

from nlpx.data.images import UnreadableImage, read_image
from nlpx.data.png import png
from nlpx.specs.experiment import Experiment
from nlpx.workflow.corpus import open_corpus

HEIGHT, WIDTH = 72, 420
"""Pixels of the largest thumbnail."""


def thumbnails(experiment: Experiment, split: str, wanted: Collection[str]) -> dict[str, bytes]:
    """PNG files of some rows of a split, by where the rows are from; rows without a readable image have none.

    Raises:
        NlpxError: the data cannot be read.
    """
    found: dict[str, bytes] = {}
    for row in open_corpus(experiment).rows(split):
        if len(found) == len(wanted):
            break
        if row.where not in wanted:
            continue
        pixels = getattr(row, "pixels", None)
        try:
            found[row.where] = png(_reduced(read_image(Path(row.where), None) if pixels is None else pixels))
        except UnreadableImage:
            continue
    return found


def _reduced(pixels: np.ndarray) -> np.ndarray:
    """An image (H, W, C) whose squares of pixels are averaged until it is small enough."""
    height, width, channels = pixels.shape
    edge = max(-(-height // HEIGHT), -(-width // WIDTH))
    if edge == 1:
        return pixels
    rows, columns = max(height // edge, 1), max(width // edge, 1)
    whole = pixels[: rows * edge, : columns * edge].reshape(rows, -1, columns, edge, channels)
    return np.rint(whole.mean((1, 3))).astype(np.uint8)
