"""Drawings of the heads of dogs of ten fictional breeds, which differ in ears, coat and colour.

Every breed shares each of its three traits with others, so no single trait is sufficient. Colour, position,
size, tilt, background and noise vary. The subset `harder` of the test split has small or tilted
heads on striped or chequered backgrounds, which do not occur in training.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from nlpx.core.lazy import np
from nlpx.data.records import LabelledImage
from nlpx.data.samples import Sample, SampleRow, by_split

SIZE = 48
SEED = 20171013
PER_BREED = {"train": 100, "valid": 20, "test": 20}
HARDER = 10
"""Number of images of each breed in the subset `harder`."""

Colour = tuple[float, float, float]
SAND: Colour = (214, 176, 118)
RUST: Colour = (158, 84, 46)
SLATE: Colour = (104, 110, 128)
DARK: Colour = (44, 34, 32)
PALE: Colour = (238, 232, 222)
EYE: Colour = (18, 14, 14)


@dataclass(frozen=True)
class Breed:
    """The traits of a breed."""

    ears: Literal["pricked", "drooping", "round"]
    coat: Literal["plain", "spotted", "brindle", "masked"]
    colour: Colour


BREEDS: dict[str, Breed] = {
    "dune pricket": Breed("pricked", "plain", SAND),
    "dune masker": Breed("drooping", "masked", SAND),
    "dune roundear": Breed("round", "spotted", SAND),
    "fox pricket": Breed("pricked", "masked", RUST),
    "fox hanger": Breed("drooping", "plain", RUST),
    "fox tiger": Breed("round", "brindle", RUST),
    "stone tiger": Breed("pricked", "brindle", SLATE),
    "stone spotter": Breed("drooping", "spotted", SLATE),
    "stone roundear": Breed("round", "plain", SLATE),
    "stone masker": Breed("pricked", "spotted", SLATE),
}


@by_split
def rows() -> dict[str, tuple[SampleRow, ...]]:
    """The rows of train, valid and test, breeds alternating; the subset `harder` is at the end of test."""
    splits = {split: tuple(_rows("generated", split, count)) for split, count in PER_BREED.items()}
    splits["test"] += tuple(_rows("harder", "harder", HARDER))
    return splits


def _rows(group: str, part: str, count: int) -> Iterator[SampleRow]:
    for number in range(count):
        for name in BREEDS:
            yield SampleRow(group, (name, f"{part} {number}"))


@lru_cache(maxsize=2048)  # all rows, which training and evaluation read one after the other
def draw(label: str, recipe: str) -> np.ndarray:
    """The image of a row, (48, 48, 3) uint8; `recipe` is `PART NUMBER`, where the part `harder` differs.

    Not to be written to.
    """
    part, number = recipe.split()
    random = np.random.default_rng([SEED, zlib.crc32(f"{label} {part}".encode()), int(number)])
    harder = part == "harder"
    canvas = _hard_background(random) if harder else _background(random)
    scale = random.uniform(0.5, 0.62) if harder else random.uniform(0.68, 1.0)
    tilt = random.uniform(0.2, 0.35) * random.choice([-1, 1]) if harder else random.uniform(-0.15, 0.15)
    centre = random.uniform(-0.18, 0.18, 2)
    _Painter(canvas, scale, tilt, centre, random).dog(BREEDS[label])
    noisy = canvas + random.normal(0, 14, canvas.shape)
    image = np.clip(np.rint(noisy), 0, 255).astype(np.uint8)
    image.setflags(write=False)
    return image


def _background(random: np.random.Generator) -> np.ndarray:
    """A gradient between two dull colours."""
    first, second = random.uniform(60, 200, (2, 3))
    angle = random.uniform(0, 2 * np.pi)
    y, x = _grid()
    share = (np.cos(angle) * x + np.sin(angle) * y + 1.5) / 3
    return first + share[..., None] * (second - first)


def _hard_background(random: np.random.Generator) -> np.ndarray:
    """Stripes or chequers of two dull colours."""
    first, second = random.uniform(60, 200, (2, 3))
    y, x = _grid()
    width = random.uniform(0.2, 0.5)
    odd = np.floor((x + 2) / width) % 2
    if random.random() < 0.5:
        odd = (odd + np.floor((y + 2) / width)) % 2
    return np.where(odd[..., None] > 0, first, second)


def _grid() -> tuple[np.ndarray, np.ndarray]:
    """Row and column coordinates of the canvas, from -1 to 1."""
    line = (np.arange(SIZE) + 0.5) / SIZE * 2 - 1
    return line[:, None] + np.zeros(SIZE), line[None, :] + np.zeros((SIZE, 1))


class _Painter:
    """Paints in the coordinates of a head, whose skull is about 0.5 wide; y points down."""

    def __init__(
        self,
        canvas: np.ndarray,
        scale: float,
        tilt: float,
        centre: np.ndarray,
        random: np.random.Generator,
    ) -> None:
        y, x = _grid()
        y, x = (y - centre[0]) / scale, (x - centre[1]) / scale
        self._y = np.cos(tilt) * y - np.sin(tilt) * x
        self._x = np.sin(tilt) * y + np.cos(tilt) * x
        self._canvas = canvas
        self._random = random

    def dog(self, breed: Breed) -> None:
        """Draw ears behind the skull, the coat on both, and the face in front."""
        colour = np.array(breed.colour) + self._random.normal(0, 10, 3)
        ears = self._ears(breed.ears)
        skull = self._ellipse(0, 0, 0.55, 0.6)
        self._fill(ears, colour * 0.8)
        self._fill(skull, colour)
        self._coat(breed.coat, ears | skull, skull)
        self._fill(self._ellipse(0.3, 0, 0.27, 0.22), np.array(PALE) * 0.9)
        self._fill(self._ellipse(0.22, 0, 0.09, 0.07), np.array(EYE))
        for side in (-1, 1):
            self._fill(self._ellipse(-0.12, side * 0.22, 0.08, 0.09), np.array(EYE))

    def _ears(self, kind: str) -> np.ndarray:
        shapes: dict[str, Callable[[int], np.ndarray]] = {
            "pricked": lambda side: self._triangle(side),
            "drooping": lambda side: self._ellipse(0.05, side * 0.58, 0.17, 0.45),
            "round": lambda side: self._ellipse(-0.5, side * 0.42, 0.24, 0.24),
        }
        return shapes[kind](-1) | shapes[kind](1)

    def _triangle(self, side: int) -> np.ndarray:
        """An upright ear, from the skull to a tip above it."""
        x = self._x * side
        return (self._y > -0.98) & (self._y < -0.2) & (np.abs(x - 0.4) < 0.28 * (self._y + 0.98) / 0.78)

    def _coat(self, kind: str, head: np.ndarray, skull: np.ndarray) -> None:
        if kind == "spotted":
            for _ in range(9):
                y, x = self._random.uniform(-0.6, 0.6, 2)
                radius = self._random.uniform(0.07, 0.13)
                self._fill(head & self._ellipse(y, x, radius, radius), np.array(DARK))
        elif kind == "brindle":
            phase, count = self._random.uniform(0, 2 * np.pi), self._random.uniform(15, 19)
            self._fill(
                head & (np.sin(count * (self._y + 0.3 * np.abs(self._x)) + phase) > 0.35), np.array(DARK)
            )
        elif kind == "masked":
            edge = self._random.uniform(-0.05, 0.05)
            self._fill(skull & (self._y > edge), np.array(DARK))

    def _ellipse(self, y: float, x: float, width: float, height: float) -> np.ndarray:
        return ((self._y - y) / height) ** 2 + ((self._x - x) / width) ** 2 < 1

    def _fill(self, where: np.ndarray, colour: np.ndarray) -> None:
        self._canvas[where] = colour


def _record(where: str, row: SampleRow) -> LabelledImage:
    label, recipe = row.parts
    return LabelledImage(where, recipe, label, draw(label, recipe), group=row.group)


SAMPLE = Sample(LabelledImage.kind, rows, _record)
