"""Image files of the built-in sample of a task, which an exported model and its run are compared for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from nlpx.data.png import png
from nlpx.data.samples import find

COUNT = 12
"""Images that are used."""
Grid = tuple[int, int]


def sample_images(sample: str, folder: Path, grids: Sequence[Grid] = (), margin: int = 0) -> list[str]:
    """Paths of new files with one validation image each, and with several ones.

    Args:
        sample: name of a sample of images.
        folder: where they are written.
        grids: for each file with several images, in how many lines and columns they are.
        margin: pixels around each image there.
    """
    made = find(sample)
    rows = made.rows("valid")
    chosen = list(islice(rows[:: max(1, len(rows) // COUNT)], COUNT))
    records: list[Any] = [made.make("", row) for row in chosen]
    images = [record.pixels for record in records]
    paths = []
    for number, pixels in enumerate([*images, *_sheets(images, grids, margin)]):
        path = folder / f"{number}.png"
        path.write_bytes(png(pixels))
        paths.append(str(path))
    return paths


def _sheets(images: Sequence[np.ndarray], grids: Sequence[Grid], margin: int) -> Iterator[np.ndarray]:
    around = [np.pad(image, [(margin, margin)] * 2 + [(0, 0)], "edge") for image in images]
    for lines, columns in grids:
        rows = (around[line * columns : (line + 1) * columns] for line in range(lines))
        yield _joined([_joined(row, 1) for row in rows], 0)


def _joined(parts: Sequence[np.ndarray], axis: int) -> np.ndarray:
    """Images side by side, or below each other; smaller ones are continued by their edge."""
    size = max(part.shape[1 - axis] for part in parts)
    grown = [
        np.pad(part, [(0, 0) if i != 1 - axis else (0, size - part.shape[i]) for i in range(3)], "edge")
        for part in parts
    ]
    return np.concatenate(grown, axis)
