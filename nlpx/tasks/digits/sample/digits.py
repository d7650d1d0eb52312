"""Drawn digits: strokes with random slant, size, position, width and bends.

The subset `harder` of the test split has slants and widths that do not occur in training, and specks.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import pairwise

from nlpx.core.lazy import np
from nlpx.data.records import LabelledImage
from nlpx.data.samples import Sample, SampleRow, by_split

SIZE = 28
SEED = 20180212
PER_DIGIT = {"train": 200, "valid": 30, "test": 40}
HARDER = 20
"""Number of images of each digit in the subset `harder`."""

Stroke = Sequence[tuple[float, float]]


def _arc(x: float, y: float, width: float, height: float, start: float, end: float) -> Stroke:
    """Part of an ellipse with the center (x, y), clockwise in degrees; 0 is on the right, 90 below."""
    steps = [np.radians(start + (end - start) * i / 12) for i in range(13)]
    return [(x + width * float(np.cos(angle)), y + height * float(np.sin(angle))) for angle in steps]


@cache
def strokes() -> Mapping[str, Sequence[Stroke]]:
    """The strokes of every digit, about 1 wide and 1.4 high, with y pointing down."""
    return {
        "0": [_arc(0, 0, 0.45, 0.7, 0, 360)],
        "1": [[(-0.2, -0.45), (0.05, -0.7), (0.05, 0.7)]],
        "2": [[*_arc(0, -0.32, 0.42, 0.38, 180, 405), (-0.45, 0.7), (0.45, 0.7)]],
        "3": [_arc(-0.05, -0.35, 0.4, 0.35, 200, 440), _arc(-0.05, 0.35, 0.45, 0.35, -80, 160)],
        "4": [[(0.15, -0.7), (-0.45, 0.25), (0.45, 0.25)], [(0.2, -0.2), (0.2, 0.7)]],
        "5": [[(0.4, -0.7), (-0.3, -0.7), (-0.35, -0.1), *_arc(0, 0.27, 0.42, 0.43, 230, 500)]],
        "6": [_arc(0.4, 0.3, 0.8, 1.0, 265, 180), _arc(0, 0.32, 0.4, 0.38, 0, 360)],
        "7": [[(-0.45, -0.7), (0.45, -0.7), (-0.1, 0.7)]],
        "8": [_arc(0, -0.36, 0.33, 0.32, 0, 360), _arc(0, 0.34, 0.42, 0.36, 0, 360)],
        "9": [_arc(0, -0.32, 0.4, 0.38, 0, 360), _arc(-0.4, -0.3, 0.8, 1.0, 0, 85)],
    }


@by_split
def rows() -> dict[str, tuple[SampleRow, ...]]:
    """The rows of train, valid and test, digits alternating; the subset `harder` is at the end of test."""
    splits = {split: tuple(_rows("generated", split, count)) for split, count in PER_DIGIT.items()}
    splits["test"] += tuple(_rows("harder", "harder", HARDER))
    return splits


def _rows(group: str, part: str, count: int) -> Iterator[SampleRow]:
    for number in range(count):
        for digit in range(10):
            yield SampleRow(group, (str(digit), f"{part} {number}"))


@lru_cache(maxsize=4096)  # all rows, which training and evaluation read one after the other
def draw(label: str, recipe: str) -> np.ndarray:
    """The image of a row, (28, 28) uint8, bright on black; `recipe` is `PART NUMBER`. Not to be written to.

    Images of the part `harder` differ from the others.
    """
    part, number = recipe.split()
    random = np.random.default_rng([SEED, zlib.crc32(f"{label} {part}".encode()), int(number)])
    harder = part == "harder"
    slant = random.uniform(0.3, 0.45) * random.choice([-1, 1]) if harder else random.uniform(-0.25, 0.25)
    width = random.choice([0.035, 0.13]) if harder else random.uniform(0.05, 0.1)
    place = random.uniform(-0.12, 0.12, 2)
    scale = random.uniform(0.75, 1.05, 2)
    bend, phase = random.uniform(-0.08, 0.08, 2), random.uniform(0, 2 * np.pi, 2)
    axis = (np.arange(SIZE) + 0.5) / SIZE * 2 - 1
    pixels = np.stack(np.meshgrid(axis, axis), -1)
    distance = np.full((SIZE, SIZE), np.inf)
    for stroke in strokes()[label]:
        x, y = np.array(stroke).T
        bent = np.stack(
            [x + bend[0] * np.sin(3 * y + phase[0]) - slant * y, y + bend[1] * np.sin(3 * x + phase[1])], -1
        )
        points = bent * scale + place
        for start, end in pairwise(points):
            distance = np.minimum(distance, _distance(pixels, start, end))
    ink = np.clip((width - distance) * SIZE / 2 + 0.5, 0, 1) * random.uniform(200, 255)
    ink = ink + np.abs(random.normal(0, 6, ink.shape))
    if harder:
        ink[tuple(random.integers(0, SIZE, (2, 12)))] = 180
    image = np.clip(np.rint(ink), 0, 255).astype(np.uint8)
    image.setflags(write=False)
    return image


def _distance(pixels: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Distance of pixels (H, W, 2) from a line segment, (H, W)."""
    along = end - start
    share = np.clip((pixels - start) @ along / max(float(along @ along), 1e-12), 0, 1)
    return np.hypot(*np.moveaxis(pixels - start - share[..., None] * along, -1, 0))


def _record(where: str, row: SampleRow) -> LabelledImage:
    label, recipe = row.parts
    pixels = np.repeat(draw(label, recipe)[..., None], 3, -1)
    return LabelledImage(where, recipe, label, pixels, group=row.group)


SAMPLE = Sample(LabelledImage.kind, rows, _record)
