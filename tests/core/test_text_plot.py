"""Plots of text: every value is in its line, and letters or colours distinguish curves."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from nlpx.core.text_plot import HEIGHT, LEAST_WIDTH, TextPlot

VALUES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30)


@settings(max_examples=50)
@given(VALUES, st.integers(40, 120))
def test_it_fits_its_width(values: list[float], width: int) -> None:
    curve = [(float(step), value) for step, value in enumerate(values)]
    lines = TextPlot("", {"一": curve}).lines(width)
    assert len(lines) == HEIGHT + 2
    assert max(map(cell_len, lines)) <= width
    assert any("\u2800" < char <= "\u28ff" for line in lines for char in line)


def test_a_falling_curve_falls() -> None:
    lines = TextPlot("loss", {"run": [(0, 10), (100, 0)]}).lines(60)
    assert lines[0] == "loss"
    area = [line.split("┤")[1] for line in lines[1 : 1 + HEIGHT]]
    starts = [len(line) - len(line.lstrip()) for line in area if line.strip()]
    assert starts == sorted(starts)
    assert starts[0] == 0
    assert lines[-1].split() == ["0", "step", "100"]


def test_letters_where_there_are_no_colours() -> None:
    plot = TextPlot("", {"one": [(0, 1), (9, 1)], "two": [(0, 0), (9, 0)]})
    text = "\n".join(plot.lines(50))
    assert {*text} >= {"a", "b"}
    assert (plot.mark(0, None), plot.mark(1, None)) == ("a", "b")
    painted = plot.lines(50, lambda text, number: f"<{number}>")
    assert any("<0>" in line for line in painted) and any("<1>" in line for line in painted)


def test_a_curve_is_broken_where_a_number_is_missing() -> None:
    whole = TextPlot("", {"a": [(0, 0.0), (50, 5.0), (100, 10.0)]}).lines(60)
    broken = TextPlot("", {"a": [(0, 0.0), (50, math.nan), (100, 10.0)]}).lines(60)
    assert sum(map(len, "".join(broken).split())) < sum(map(len, "".join(whole).split()))
    with pytest.raises(ValueError, match="no finite value"):
        TextPlot("", {"a": [(0, math.nan)]}).lines(60)


def test_a_narrow_terminal_gets_the_least_width() -> None:
    lines = TextPlot("", {"a": [(0, 0), (1, 1)]}).lines(5)
    assert max(map(len, lines)) <= LEAST_WIDTH + 8
