"""Plots are well-formed, and show every value where it belongs."""

from __future__ import annotations

import math
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.core.plot import CELL, HEIGHT, WIDTH, Axis, LinePlot, cells

VALUES = st.lists(st.floats(1e-9, 1e9), min_size=1, max_size=20)
NAMES = "{http://www.w3.org/2000/svg}"


@given(VALUES, st.booleans())
def test_an_axis_shows_its_values_and_round_ticks(values: list[float], log: bool) -> None:
    axis = Axis.over("x", values, log)
    assert all(-1e-9 <= axis.share(value) <= 1 + 1e-9 for value in values)
    ticks = list(axis.ticks())
    assert len(ticks) <= 12
    assert all(-1e-6 <= axis.share(tick) <= 1 + 1e-6 for tick in ticks)
    if log:
        assert all(math.isclose(math.log10(tick), round(math.log10(tick)), abs_tol=1e-9) for tick in ticks)
        assert axis.share(math.sqrt(axis.low * axis.high)) == pytest.approx(0.5)


def test_a_plot_has_curves_marks_and_escaped_words() -> None:
    plot = LinePlot(
        "a < b & 春",
        Axis("x", 1, 100, log=True),
        Axis("y", 0, 10),
        {"first": [(1, 0), (10, 5), (100, 10)], "second": [(1, 2), (2, 3), (3, 11), (4, math.nan), (5, 4)]},
        {"here": 10},
    )
    root = ElementTree.fromstring(plot.svg())
    words = [text.text for text in root.iter(f"{NAMES}text")]
    assert {"a < b & 春", "x", "y", "first", "second", "here"} <= set(words)
    first, second = (line.attrib["points"].split() for line in root.iter(f"{NAMES}polyline"))
    (x0, y0), (x1, y1), (x2, y2) = (tuple(map(float, point.split(","))) for point in first)
    assert x1 == pytest.approx((x0 + x2) / 2, abs=0.1)
    assert y1 == pytest.approx((y0 + y2) / 2, abs=0.1)
    assert 0 < x0 < x2 < WIDTH
    assert 0 < y2 < y0 < HEIGHT
    assert len(second) == 2  # one value is outside, and the curve is broken before the last one


def test_dots_have_the_colour_of_their_curve() -> None:
    axes = Axis("x", 0, 10), Axis("y", 0, 10)
    dots = {"b": [(1.0, 2.0), (3.0, math.nan), (5.0, 11.0)]}
    plot = LinePlot("", *axes, {"a": [(0, 0), (1, 1)], "b": [(0, 1), (10, 1)]}, dots=dots)
    root = ElementTree.fromstring(plot.svg())
    (dot,) = (circle for circle in root.iter(f"{NAMES}circle") if circle.get("r") == "3")
    assert dot.get("fill") == [*root.iter(f"{NAMES}polyline")][1].get("stroke")


def test_a_long_legend_goes_below_itself() -> None:
    names = [f"验证集 {'很长的名字' * 3} {number}" for number in range(6)]
    plot = LinePlot(
        "", Axis("x", 0, 1), Axis("y", 0, 1), {name: [(0, 0), (1, 1)] for name in names}, width=360
    )
    texts = {text.text: text for text in ElementTree.fromstring(plot.svg()).iter(f"{NAMES}text")}
    ends = [float(texts[name].attrib["x"]) + CELL * cells(name) for name in names]
    assert max(ends) <= 360
    assert len({texts[name].attrib["y"] for name in names}) > 1


def test_an_axis_of_one_value_has_its_size() -> None:
    axis = Axis.over("", [0.03, 0.03])
    assert (axis.low, axis.high) == (0.015, 0.045)
    assert (Axis.over("", [0.0]).low, Axis.over("", [0.0]).high) == (-0.5, 0.5)
