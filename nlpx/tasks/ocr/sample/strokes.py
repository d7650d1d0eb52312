"""Drawings of simple characters, which consist of line segments with jitter.

Ends of segments, width, size, tilt, slant and position vary. The subset `harder` of the test split has more
jitter, and strokes that are thicker or thinner than any in training.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path

from nlpx.core.lazy import np
from nlpx.data.glyphs import SIZE, as_image
from nlpx.data.records import LabelledImage
from nlpx.data.samples import Sample, SampleRow, by_split

SEED = 20160626
PER_CHARACTER = {"train": 30, "valid": 6, "test": 6}
HARDER = 3
"""Number of images of each character in the subset `harder`."""
GRID, EDGE = 10, 38
"""Coordinates of the file, and the edge of the area that they cover, in pixels."""


@cache
def segments() -> Mapping[str, np.ndarray]:
    """The segments of each character, (n, 2, 2): ends with x and y from 0 to 1, the most frequent first."""
    lines = Path(__file__).with_name("strokes.txt").read_text(encoding="utf-8").splitlines()
    cells = (line.split("\t") for line in lines if not line.startswith("#"))
    return {
        character: np.array([part.split(",") for part in parts.split()], float).reshape(-1, 2, 2) / GRID
        for character, parts in cells
    }


@by_split
def rows() -> dict[str, tuple[SampleRow, ...]]:
    """The rows of train, valid and test, characters alternating; `harder` is at the end of test."""
    splits = {split: tuple(_rows("generated", split, count)) for split, count in PER_CHARACTER.items()}
    splits["test"] += tuple(_rows("harder", "harder", HARDER))
    return splits


def _rows(group: str, part: str, count: int) -> Iterator[SampleRow]:
    for number in range(count):
        for character in segments():
            yield SampleRow(group, (character, f"{part} {number}"))


@lru_cache(maxsize=4096)  # all rows, which training and evaluation read one after the other
def draw(character: str, recipe: str) -> np.ndarray:
    """The ink of a row, (48, 48) bool; `recipe` is `PART NUMBER`, where the part `harder` differs.

    Not to be written to.
    """
    part, number = recipe.split()
    random = np.random.default_rng([SEED, zlib.crc32(f"{character} {part}".encode()), int(number)])
    harder = part == "harder"
    ends = segments()[character] + random.normal(0, 0.035 if harder else 0.02, (1, 1, 2))
    ends = ends + random.normal(0, 0.03 if harder else 0.018, ends.shape)
    tilt, slant = random.normal(0, 0.04, 2)
    turned = np.array([[np.cos(tilt), -np.sin(tilt) + slant], [np.sin(tilt), np.cos(tilt)]])
    scale = EDGE * random.uniform(0.88, 1.08, 2)
    placed = (ends - 0.5) @ turned.T * scale + SIZE / 2
    width = random.choice([1.1, 5.5]) if harder else random.uniform(1.8, 4.5)
    ink = stroked(placed, width)
    ink.setflags(write=False)
    return ink


def stroked(ends: np.ndarray, width: float) -> np.ndarray:
    """Segments (n, 2, 2) in pixels as strokes with round ends, (48, 48) bool."""
    y, x = np.mgrid[:SIZE, :SIZE] + 0.5
    pixels = np.stack([x, y], -1)[..., None, :]
    start, along = ends[:, 0], ends[:, 1] - ends[:, 0]
    place = ((pixels - start) * along).sum(-1) / np.maximum((along**2).sum(-1), 1e-9)
    nearest = start + np.clip(place, 0, 1)[..., None] * along
    distance = np.sqrt(((pixels - nearest) ** 2).sum(-1)).min(-1)
    return distance < width / 2


def _record(where: str, row: SampleRow) -> LabelledImage:
    character, recipe = row.parts
    return LabelledImage(where, recipe, character, as_image(draw(character, recipe)), group=row.group)


SAMPLE = Sample(LabelledImage.kind, rows, _record)
