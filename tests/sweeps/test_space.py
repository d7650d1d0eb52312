"""Points of spaces: on a grid, drawn, and under conditions."""

from __future__ import annotations

from collections import Counter
from itertools import product

import numpy as np
import pytest
from pydantic import TypeAdapter

from nlpx.sweeps.space import Choice, Dimension, Range, Space, draw, grid, with_value

CONDITIONAL: Space = {
    "optimizer.type": Choice(choice=["adam", "sgd", "rmsprop"]),
    "momentum": Range(
        range=[0, 0.9], points=3, key="optimizer.momentum", when={"optimizer.type": ["sgd", "rmsprop"]}
    ),
    "nesterov": Choice(choice=[True, False], when={"optimizer.type": "sgd"}),
}


def test_a_list_is_a_choice() -> None:
    space = TypeAdapter(dict[str, Dimension]).validate_python({"a": [1, "x"], "b": {"range": [0, 1]}})
    assert space == {"a": Choice(choice=[1, "x"]), "b": Range(range=[0, 1])}


def test_a_grid_is_the_product_and_the_last_dimension_varies_fastest() -> None:
    space: Space = {
        "a": Choice(choice=[1, 2]),
        "b": Range(range=[0, 1], step=0.5),
        "c": Choice(choice=["x", None]),
    }
    assert [tuple(point.values()) for point in grid(space)] == [*product([1, 2], [0, 0.5, 1], ["x", None])]


def test_a_dimension_without_its_condition_is_left_out() -> None:
    points = list(grid(CONDITIONAL))
    assert Counter(point["optimizer.type"] for point in points) == {"adam": 1, "sgd": 6, "rmsprop": 3}
    assert points[0] == {"optimizer.type": "adam"}
    random = np.random.default_rng(0)
    for _ in range(50):
        point = draw(CONDITIONAL, random)
        assert ("momentum" in point) == (point["optimizer.type"] != "adam")
        assert ("nesterov" in point) == (point["optimizer.type"] == "sgd")


def test_a_value_is_tried_where_it_is_active() -> None:
    assert with_value(CONDITIONAL, "nesterov", False) == {
        "optimizer.type": "sgd",
        "momentum": 0,
        "nesterov": False,
    }
    assert with_value(CONDITIONAL, "optimizer.type", "adam") == {"optimizer.type": "adam"}


@pytest.mark.parametrize(
    ("dimension", "values"),
    [
        (Range(range=[1e-4, 1e-2], log=True, points=3), [1e-4, 1e-3, 1e-2]),
        (Range(range=[1, 4], integer=True), [1, 2, 3, 4]),
        (Range(range=[8, 64], integer=True, log=True, points=4), [8, 16, 32, 64]),
        (Range(range=[0.1, 0.4], step=0.1), [0.1, 0.2, 0.3, 0.4]),
    ],
)
def test_values_of_ranges(dimension: Range, values: list[float]) -> None:
    found = list(dimension.grid())
    assert found == values
    assert [*map(type, found)] == [*map(type, values)]


@pytest.mark.parametrize(
    "dimension",
    [
        Range(range=[1e-5, 1], log=True),
        Range(range=[-1, 1]),
        Range(range=[2, 9], integer=True),
        Range(range=[1, 1000], integer=True, log=True),
        Range(range=[0, 1], step=0.25),
    ],
)
def test_draws_are_inside_and_spread_evenly(dimension: Range) -> None:
    random = np.random.default_rng(1)
    low, high = dimension.range
    drawn = np.array([dimension.draw(random) for _ in range(2000)])
    assert low <= drawn.min() and drawn.max() <= high
    middle = (low * high) ** 0.5 if dimension.log else (low + high) / 2
    share = (drawn < middle).mean() + (drawn == middle).mean() / 2
    assert share == pytest.approx(0.5, abs=0.06)
    if dimension.every:
        assert not ((drawn - low) / dimension.every % 1).any()


def test_true_is_not_one() -> None:
    space: Space = {"a": Choice(choice=[True, 1]), "b": Choice(choice=[0], when={"a": 1})}
    assert list(grid(space)) == [{"a": True}, {"a": 1, "b": 0}]
