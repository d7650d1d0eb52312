"""Curves of the losses and metrics over the training."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from nlpx.core.plot import Axis, LinePlot
from nlpx.report.facts import Facts
from nlpx.report.html import Html, drawn, folded, joined
from nlpx.report.language import phrase
from nlpx.report.sections.heading import grid, note, section

POINTS = 400
"""Points of a curve; of more, the means of neighbours are drawn."""
WIDTH, HEIGHT = 372, 250
LARGE_RATIO = 1000.0
"""Largest divided by smallest value above which an axis is logarithmic."""
RATES = ("learning_rate", "gradient_norm", "skipped_updates")
SHOWN_METRICS = 8
"""Further ones are folded."""
Curve = list[tuple[float, float]]


def curves(facts: Facts) -> Html:
    """Every term of the loss, every metric with its subsets, learning rate and gradient norm."""
    recorded = curves_of(facts.records)
    marks = {} if facts.best is None else {phrase("best: step {step}", step=facts.best): float(facts.best)}
    losses = {
        name: curve
        for name, curve in recorded.items()
        if name.startswith("train/") and not name.endswith(RATES)
    }
    metrics = _by_metric(recorded, facts)
    constant = {name: value for name, group in metrics.items() if (value := _constant(group)) is not None}
    changing = {name: group for name, group in metrics.items() if name not in constant}
    unnamed = {} if facts.best is None else {"": float(facts.best)}
    drawings = [plot(f"valid: {name}", group, unnamed) for name, group in changing.items()]
    rates = {name: curve for name, curve in recorded.items() if name.endswith(RATES)}
    turns = [plot(name.removeprefix("train/"), {name: curve}, {}) for name, curve in rates.items()]
    more = drawings[SHOWN_METRICS:]
    return section(
        "Curves",
        grid([plot(phrase("Loss of training"), losses, marks), *drawings[:SHOWN_METRICS]]),
        folded(phrase("More metrics: {count}", count=len(more)), grid(more)) if more else Html(),
        folded(phrase("Learning rate and gradient norm"), grid(turns)) if turns else Html(),
        joined(map(note, _remarks(recorded, constant))),
    )


def curves_of(records: Sequence[Mapping[str, object]]) -> dict[str, Curve]:
    """The recorded numbers by name; NaN where a number was not finite."""
    found: dict[str, Curve] = {}
    for record in records:
        step = record.get("step")
        if not isinstance(step, int | float):
            continue
        for name, value in record.items():
            if "/" in name and (value is None or isinstance(value, int | float)):
                number = math.nan if value is None else float(value)
                found.setdefault(name, []).append((float(step), number))
    return found


def plot(title: str, group: Mapping[str, Curve], marks: Mapping[str, float], *, whole: bool = False) -> Html:
    """Curves in one plot; nothing if there is no finite number.

    Args:
        whole: whether the names of curves are shown as they are, also that of a single one.
    """
    values = [y for curve in group.values() for _, y in curve if math.isfinite(y)]
    if not values:
        return Html()
    steps = [x for curve in group.values() for x, _ in curve] + [*marks.values()]
    log = is_log(group.values())
    x = Axis(phrase("step"), min(steps), max(steps))
    if max(steps) <= min(steps):
        x = Axis.over(x.label, steps)
    names = {name: name if whole else _short(name, group) for name in group}
    shown = {names[name]: thinned(curve) for name, curve in group.items()}
    subsets = title.startswith("valid") and not whole
    faint = frozenset(list(shown)[1:]) if subsets else frozenset[str]()
    drawing = LinePlot(title, x, Axis.over("", values, log), shown, marks, {}, WIDTH, HEIGHT, faint)
    return drawn(drawing.svg(), f"{title}: {', '.join(shown)}")


def is_log(curves: Iterable[Curve]) -> bool:
    """Whether the axis of curves is logarithmic."""
    values = [y for curve in curves for _, y in curve if math.isfinite(y)]
    return bool(values) and min(values) > 0 and max(values) / min(values) > LARGE_RATIO


def _short(name: str, group: Mapping[str, Curve]) -> str:
    """The name of a curve in its plot: that of the split or subset."""
    if len(group) == 1:
        return name
    split, *middle, last = name.split("/")
    return f"train: {last}" if split == "train" else "/".join(middle) or split


def thinned(curve: Curve) -> Curve:
    """At most POINTS points, the means of neighbours; a mean with a number that is not finite is not."""
    if len(curve) <= POINTS:
        return curve
    size = math.ceil(len(curve) / POINTS)
    parts = [curve[start : start + size] for start in range(0, len(curve), size)]
    return [(sum(x for x, _ in part) / len(part), sum(y for _, y in part) / len(part)) for part in parts]


def _by_metric(recorded: Mapping[str, Curve], facts: Facts) -> dict[str, dict[str, Curve]]:
    """The curves of each metric on the validation split and its subsets; the monitored metric is first."""
    groups: dict[str, dict[str, Curve]] = {}
    for name in sorted(recorded, key=lambda name: name.count("/")):
        if name.startswith("valid/"):
            groups.setdefault(name.rpartition("/")[2], {})[name] = recorded[name]
    order = sorted(groups, key=lambda name: name != facts.monitored)
    return {name: _without_copies(groups[name]) for name in order}


def _without_copies(group: dict[str, Curve]) -> dict[str, Curve]:
    """Curves without those of subsets that are the whole split."""
    first, *rest = group
    return {first: group[first]} | {name: group[name] for name in rest if group[name] != group[first]}


def _constant(group: Mapping[str, Curve]) -> float | None:
    """The value of curves that say nothing, because they are always 0, or all the same at several steps."""
    values = {y for curve in group.values() for _, y in curve}
    several = len(values) == 1 and (values == {0.0} or len(next(iter(group.values()))) > 1)
    return values.pop() if several else None


def _remarks(recorded: Mapping[str, Curve], constant: Mapping[str, float]) -> Iterator[str]:
    for value in sorted({*constant.values()}):
        names = ", ".join(name for name in constant if constant[name] == value)
        yield phrase("{value} at every evaluation: {names}.", value=f"{value:g}", names=names)
    for name, curve in recorded.items():
        if lost := sum(not math.isfinite(y) for _, y in curve):
            yield phrase(
                "{name}: {lost} of {all} recorded numbers are not finite; the curve is broken there.",
                name=name,
                lost=lost,
                all=len(curve),
            )
    longest = max(map(len, recorded.values()), default=0)
    if longest > POINTS:
        yield phrase("Curves of more than {points} points are drawn as means of neighbours.", points=POINTS)
