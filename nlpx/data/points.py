"""Points of the plane: their record, and distributions that generative models are tried on."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

from nlpx.core.lazy import np
from nlpx.data.records import Record

Cloud = Literal["ring", "grid", "moons"]
NOISE: Mapping[Cloud, float] = {"ring": 0.05, "grid": 0.025, "moons": 0.05}
"""Standard deviation of both coordinates around the centre of a mode, or around the line of a moon."""


@dataclass(frozen=True, slots=True)
class Point(Record):
    """A point of the plane, and the mode of the distribution that it is from, if that is known."""

    kind: ClassVar[str] = "point"
    source: ClassVar[str] = "points"

    x: float
    y: float
    mode: str = ""

    @property
    def line(self) -> str:
        return "\t".join([f"{self.x:.9g}", f"{self.y:.9g}", *filter(None, [self.mode])])


def draw(
    cloud: Cloud, count: int, seed: list[int], noise: float | None = None
) -> Iterator[tuple[float, float, str]]:
    """Points of a distribution with their modes, as they come: x, y, mode.

    ring: 8 normal distributions around a circle of radius 1. grid: 25, 0.5 apart, between -1 and 1.
    moons: two half circles with a radius of 0.7 that reach into each other, without modes.

    Args:
        cloud: which distribution.
        count: number of points.
        seed: of `numpy.random.default_rng`.
        noise: standard deviation; None takes that of NOISE.
    """
    random = np.random.default_rng(seed)
    centre, modes = CENTRES[cloud]
    which = random.integers(0, modes, count) if modes else random.random(count)
    noises = (NOISE[cloud] if noise is None else noise) * random.normal(size=(count, 2))
    for value, (dx, dy) in zip(which.tolist(), noises.tolist(), strict=True):
        x, y = centre(value)
        yield x + dx, y + dy, f"{value + 1}" if modes else ""


def _ring(mode: float) -> tuple[float, float]:
    angle = math.pi / 4 * mode
    return math.cos(angle), math.sin(angle)


def _grid(mode: float) -> tuple[float, float]:
    return (mode // 5) / 2 - 1, (mode % 5) / 2 - 1


def _moons(place: float) -> tuple[float, float]:
    """0 to 0.5 on the upper moon, 0.5 to 1 on the lower one."""
    angle = 2 * math.pi * place
    x, y = (
        (math.cos(angle), math.sin(angle) - 0.25)
        if place < 0.5
        else (1 + math.cos(angle), 0.25 + math.sin(angle))
    )
    return 0.7 * (x - 0.5), 0.7 * y


CENTRES: Mapping[Cloud, tuple[Callable[[float], tuple[float, float]], int]] = {
    "ring": (_ring, 8),
    "grid": (_grid, 25),
    "moons": (_moons, 0),
}
"""The centre of a mode by its number, and the number of modes; 0 if a place between 0 and 1 is meant."""
assert set(CENTRES) == set(get_args(Cloud))
