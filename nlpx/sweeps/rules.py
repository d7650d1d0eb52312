"""Rules about a sweep as a whole: each finds problems and says where they are written."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations

from nlpx.config.nodes import MappingNode, Path, dotted, key_mark
from nlpx.config.overrides import keys_at
from nlpx.config.problems import Problem, Refused
from nlpx.core.extras import how_to_install, missing_modules
from nlpx.core.suggest import did_you_mean, one_of
from nlpx.sweeps.space import Choice, Range, allowed
from nlpx.sweeps.spec import Sweep

CHOSEN = {"seed": "list the seeds of each trial in `seeds`", "name": "the names of runs are those of trials"}
"""Keys of a config that a sweep sets itself."""
MOST_VALUES = 10_000
"""Of a range on a grid."""
MOST_STEPS = 2**53
"""Of a range, so that the float of each of its numbers is exact."""


def problems_of(sweep: Sweep, tree: MappingNode) -> Iterator[Problem]:
    """The problems of a sweep, apart from those of the config."""

    def problem(code: str, path: Path, what: str, expected: str = "", advice: str = "") -> Problem:
        return Problem(code, key_mark(tree, path), dotted(path), what, "", expected, advice)

    if sweep.sampler == "tpe" and (missing := missing_modules("sweep")):
        what = f"tpe needs {', '.join(missing)}, which is not installed"
        yield problem("C205", ("sampler",), what, "", how_to_install("sweep"))
    if sweep.sampler != "grid" and not any(sweep.budget.model_dump().values()):
        what, expected = f"the sampler {sweep.sampler} proposes points without end", "a `budget`"
        yield problem("C304", ("sampler",), what, expected, "add budget: {trials: 20}")
    if sweep.seeds and len(set(sweep.seeds)) < len(sweep.seeds):
        yield problem("C210", ("seeds",), "a seed occurs twice")
    for path, key in _keys(sweep):
        try:
            keys_at(key, key_mark(tree, path))
        except Refused as refused:
            yield from refused.args
    for name, dimension in sweep.space.items():
        path = ("space", name)
        key = dimension.key or name
        if (head := key.partition(".")[0]) in CHOSEN:
            yield problem("C303", path, f"a sweep does not change `{head}`", "", CHOSEN[head])
        if isinstance(dimension, Range):
            if what := _wrong_range(dimension) or (_too_many(dimension) if sweep.sampler == "grid" else ""):
                yield problem("C301", (*path, "range"), what)
            elif sweep.sampler == "grid" and not (dimension.points or dimension.every):
                what = "a grid needs values, but a range has none"
                yield problem("C301", (*path, "range"), what, "`points`, `step` or `integer: true`")
        elif any(value in dimension.choice[:i] for i, value in enumerate(dimension.choice)):
            yield problem("C210", path, "a value occurs twice")
        for parent, values in dimension.when.items():
            if what := _never_met(sweep, name, parent, values):
                names = [above for above in _above(sweep, name) if isinstance(sweep.space[above], Choice)]
                expected = f"a choice above: {one_of(names)}" if parent not in names and names else ""
                yield problem("C302", (*path, "when", parent), what, expected, did_you_mean(parent, names))
    for one, other in combinations(sweep.space, 2):
        if _key(sweep, one) == _key(sweep, other) and not _exclusive(sweep, one, other):
            what = f"{one} also changes {_key(sweep, one)}"
            yield problem("C303", ("space", other), what, "", "give them conditions (`when`) that differ")


def _keys(sweep: Sweep) -> Iterator[tuple[Path, str]]:
    """Where the keys of the config are written, and which they are."""
    for key in sweep.set:
        yield ("set", key), key
    for name, dimension in sweep.space.items():
        yield ("space", name, "key") if dimension.key else ("space", name), dimension.key or name


def _too_many(dimension: Range) -> str:
    low, high = dimension.range
    every = dimension.every
    count = dimension.points or (1 + math.floor((high - low) / every) if every else 1)
    return f"a grid of {count:,} values is too large; at most {MOST_VALUES:,}" if count > MOST_VALUES else ""


def _wrong_range(dimension: Range) -> str:
    low, high = dimension.range
    if not low < high:
        return "the first number is not less than the second one"
    if (dimension.log and low > 0 and not math.isfinite(high / low)) or not math.isfinite(high - low):
        return "the numbers are too far apart"
    if dimension.every and not dimension.log and (high - low) / dimension.every > MOST_STEPS:
        return "the step is too short for this range"
    if dimension.log and low <= 0:
        return "a logarithmic range begins above 0"
    if dimension.log and dimension.step:
        return "a logarithmic range has no step; use `points`"
    if dimension.integer and any(value % 1 for value in (low, high, dimension.step or 0)):
        return "a range of integers has integers as ends and step"
    return "the step is longer than the range" if (dimension.step or 0) > high - low else ""


def _above(sweep: Sweep, name: str) -> list[str]:
    names = list(sweep.space)
    return names[: names.index(name)]


def _never_met(sweep: Sweep, name: str, parent: str, values: object) -> str:
    if parent not in _above(sweep, name):
        return f"there is no dimension {parent} above"
    above = sweep.space[parent]
    if not isinstance(above, Choice):
        return f"{parent} is a range; conditions are values of a choice"
    strange = [value for value in allowed(values) if value not in above.choice]
    return f"{strange[0]!r} is no value of {parent}" if strange else ""


def _key(sweep: Sweep, name: str) -> str:
    return sweep.space[name].key or name


def _exclusive(sweep: Sweep, one: str, other: str) -> bool:
    """Whether the conditions of two dimensions are never met together."""
    conditions, others = sweep.space[one].when, sweep.space[other].when
    return any(
        not any(value in allowed(others[parent]) for value in allowed(values))
        for parent, values in conditions.items()
        if parent in others
    )
