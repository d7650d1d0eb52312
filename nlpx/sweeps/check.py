"""Check the values of a sweep with its config before anything starts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

from nlpx.config.nodes import MappingNode
from nlpx.config.problems import ConfigProblems, Problem, Report
from nlpx.sweeps.space import Point, Range, grid, with_value
from nlpx.sweeps.spec import Sweep

MOST_CHECKED = 100
"""Points of a grid that are checked before it starts; of larger spaces, every value is."""


def check_points(sweep: Sweep, tree: MappingNode, load: Callable[[Point], object], report: Report) -> None:
    """Check points in which every value occurs; all points of a small grid.

    Args:
        load: loads the config of a point, or raises ConfigProblems.
    """
    points: dict[str, Point] = {}
    for point in _points(sweep):
        points.setdefault(json.dumps(point), point)
    found: dict[Problem, Problem] = {}
    for point in points.values():
        try:
            load(point)
        except ConfigProblems as error:
            for problem in error.problems:
                found.setdefault(problem, _explained(problem, sweep, tree, point))
    report.extend(found.values())


def _points(sweep: Sweep) -> Iterator[Point]:
    space = sweep.space
    for name, dimension in space.items():
        yield from (with_value(space, name, value) for value in dimension.ends())
    if sweep.sampler == "grid":
        points = list(islice(grid(space), MOST_CHECKED + 1))
        yield from points if len(points) <= MOST_CHECKED else ()


def _explained(problem: Problem, sweep: Sweep, tree: MappingNode, point: Point) -> Problem:
    """A problem with what to do; one of the config, with the values that cause it."""
    if problem.mark.source == tree.mark.source:
        fractions = problem.code == "C103" and problem.expected == "an integer" and problem.path in point
        ranges = fractions and isinstance(sweep.space[problem.path], Range)
        return replace(problem, advice="add `integer: true`") if ranges else problem
    values = (f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in point.items())
    found = f"{tree.mark.source.name} sets {', '.join(values)}"
    return replace(problem, advice=f"{problem.advice}; {found}" if problem.advice else found)
