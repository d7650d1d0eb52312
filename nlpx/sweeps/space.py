"""The space of a sweep: its dimensions, its points on a grid, and random points."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, TypeAlias

from pydantic import Discriminator, Field, Tag, model_validator

from nlpx.core.component import Section
from nlpx.core.lazy import np
from nlpx.core.options import PositiveInt

Point: TypeAlias = Mapping[str, Any]
"""A value for every dimension that is active, in the order of the dimensions."""

Finite = Annotated[float, Field(allow_inf_nan=False)]
DIGITS = 4
"""Significant digits of numbers that are drawn from a range."""


class _Dimension(Section):
    """What all dimensions have.

    Options:
        key: the key of the config; default: the name of the dimension.
        when: the values that other dimensions, which are written above, must have; otherwise the key keeps
            the value of the config.
    """

    key: str | None = None
    when: dict[str, Any] = {}

    def active(self, point: Point) -> bool:
        """Whether the values of the dimensions above meet the conditions."""
        return all(
            name in point and is_one_of(point[name], allowed(values)) for name, values in self.when.items()
        )

    @abstractmethod
    def grid(self) -> Sequence[Any]:
        """The values on a grid."""

    @abstractmethod
    def ends(self) -> Sequence[Any]:
        """The values that must be valid, so that all are."""

    @abstractmethod
    def draw(self, random: np.random.Generator) -> Any:
        """A random value."""


class Choice(_Dimension):
    """Some values.

    Options:
        choice: the values.
    """

    choice: Annotated[list[Any], Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _of_list(cls, value: object) -> object:
        return {"choice": value} if isinstance(value, list) else value

    def grid(self) -> Sequence[Any]:
        return self.choice

    def ends(self) -> Sequence[Any]:
        return self.choice

    def draw(self, random: np.random.Generator) -> Any:
        return self.choice[int(random.integers(len(self.choice)))]


class Range(_Dimension):
    """Numbers between two ends, which are included.

    Options:
        range: the lowest and the highest number.
        log: equal ratios are equally likely, as for learning rates.
        integer: whole numbers only.
        step: only multiples of this above the lowest number.
        points: number of values on a grid.
    """

    range: Annotated[list[Finite], Field(min_length=2, max_length=2)]
    log: bool = False
    integer: bool = False
    step: Annotated[Finite, Field(gt=0)] | None = None
    points: PositiveInt | None = None

    @property
    def every(self) -> float | None:
        """The distance of neighbours, if there are only some numbers."""
        return self.step or (1.0 if self.integer else None)

    def grid(self) -> Sequence[Any]:
        low, high = self.range
        if self.points is None:
            every = self.every or 0.0
            return [self.fit(low + every * i) for i in range(1 + math.floor((high - low) / every + 1e-9))]
        scale = np.geomspace if self.log else np.linspace
        values = (self.fit(value) for value in scale(low, high, self.points).tolist())
        return list(dict.fromkeys(values))

    def ends(self) -> Sequence[Any]:
        return [self.fit(self.range[0]), self.fit(self.range[1])]

    def draw(self, random: np.random.Generator) -> Any:
        low, high = self.range
        if self.every and not self.log:
            return self.fit(
                low + self.every * int(random.integers(math.floor((high - low) / self.every + 1e-9) + 1))
            )
        share = float(random.random())
        return self.fit(low * (high / low) ** share if self.log else low + (high - low) * share)

    def fit(self, value: float) -> float | int:
        """The value of the dimension that is closest to a number."""
        low, high = self.range
        if self.integer:
            return round(min(max(value, low), high))
        rounded = value if value in (low, high) else float(f"{value:.{DIGITS}g}")
        return float(min(max(rounded, low), high))


def _form(value: object) -> str:
    """Which of the forms of a dimension is written."""
    mapping = isinstance(value, Mapping) and "range" in value
    return "~range" if mapping or isinstance(value, Range) else "~choice"


Dimension: TypeAlias = Annotated[
    Annotated[Choice, Tag("~choice")] | Annotated[Range, Tag("~range")], Discriminator(_form)
]
"""The tags are no keys of a dimension, so that locations of errors are clear."""
Space: TypeAlias = Mapping[str, Choice | Range]


def allowed(values: object) -> Sequence[object]:
    """The values of a condition, which are a list or one value."""
    return values if isinstance(values, list) else [values]


def grid(space: Space, point: Point | None = None) -> Iterator[Point]:
    """All points of a grid; the last dimension varies fastest."""
    point = point or {}
    if not space:
        yield point
        return
    (name, dimension), *rest = space.items()
    if not dimension.active(point):
        yield from grid(dict(rest), point)
        return
    for value in dimension.grid():
        yield from grid(dict(rest), {**point, name: value})


def draw(space: Space, random: np.random.Generator) -> Point:
    """A random point."""
    point: dict[str, Any] = {}
    for name, dimension in space.items():
        if dimension.active(point):
            point[name] = dimension.draw(random)
    return point


def with_value(space: Space, name: str, value: object) -> Point:
    """A point in which a dimension has a value, and the others the first one that makes it active."""
    wanted = {name: [value], **_wanted(space, name)}
    point: dict[str, Any] = {}
    for other, dimension in space.items():
        if dimension.active(point):
            point[other] = next(iter(wanted.get(other, ())), dimension.ends()[0])
    return point


def _wanted(space: Space, name: str) -> dict[str, Sequence[object]]:
    """The values that other dimensions must have for a dimension to be active."""
    found: dict[str, Sequence[object]] = {}
    for parent, values in space[name].when.items():
        found |= {parent: allowed(values)} | _wanted(space, parent)
    return found


def is_one_of(value: object, values: Sequence[object]) -> bool:
    """Whether a value is among others."""
    return any(_same(value, other) for other in values)


def _same(one: object, other: object) -> bool:
    # True == 1 in Python, but not in a config.
    return one == other and isinstance(one, bool) == isinstance(other, bool)
