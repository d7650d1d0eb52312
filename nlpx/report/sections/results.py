"""The final table: metrics of evaluations with intervals, of subsets, and of reference systems."""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterator

from nlpx.inference.intervals import LEVEL
from nlpx.report.facts import Facts
from nlpx.report.html import Html, element, joined, table
from nlpx.report.language import phrase, translated
from nlpx.report.sections.heading import note, section
from nlpx.workflow.measured import Measured

OTHER = "the rows that were stored do not give this value"
"""Why a value has no interval that could have one: nlpx eval stores them again."""
ARROWS = {"max": "↑", "min": "↓"}
"""Whether higher or lower is better."""


def results(facts: Facts) -> Html:
    """A table for every evaluated split."""
    return section("Results", *(_split(facts, split, found) for split, found in facts.evaluations.items()))


def _split(facts: Facts, split: str, measured: Measured) -> Html:
    record = measured.record
    columns: dict[str, dict[str, float]] = {split: {}}
    for key, value in record.metrics.items():
        group, _, name = key.rpartition("/")
        columns.setdefault(group or split, {})[name] = value
    for system, numbers in record.references.items():
        columns[phrase("reference: {system}", system=system)] = {
            name: value for name, value in numbers.items() if "/" not in name
        }
    names = list(dict.fromkeys(name for column in columns.values() for name in column))
    zero = [name for name in names if not any(column.get(name) for column in columns.values())]
    folded = zero if len(zero) > 1 else []
    rows = [
        [_name(facts, name), *(_cell(measured, split, column, name, columns[column]) for column in columns)]
        for name in names
        if name not in folded
    ]
    sizes = {name: sum(name in example.group for example in measured.examples) for name in columns}
    header = [f"{name} ({sizes[name]})" if sizes[name] else name for name in columns]
    header[0] = f"{split} ({record.rows})"
    heading = phrase(
        "{split}, checkpoint of step {step}, {rows} rows",
        split=split,
        step=record.step,
        rows=f"{record.rows:,}",
    )
    return joined(
        [
            element("h3", heading),
            table([phrase("metric"), *header], rows, numbers=True, class_="results"),
            joined(map(note, _remarks(facts, measured, folded))),
        ]
    )


def _name(facts: Facts, name: str) -> Html:
    arrow = ARROWS.get(facts.snapshot.directions.get(name, ""), "")
    owner = facts.owners.get(name, "")
    return element(
        "span", f"{name} {arrow}".rstrip(), title=translated(facts.explained.get(owner, "")) or None
    )


def _cell(measured: Measured, split: str, column: str, name: str, values: dict[str, float]) -> Html:
    if name not in values:
        return Html()
    shown = element("b", number(values[name])) if column == split else element("span", number(values[name]))
    estimate = measured.estimates.get(name if column == split else f"{column}/{name}")
    if estimate is None or not math.isfinite(estimate.low) or estimate.low == estimate.high:
        return shown
    interval = element("small", f"{number(estimate.low)} – {number(estimate.high)}")
    return joined([shown, " ", interval])


def number(value: float) -> str:
    """A metric with four significant digits, or four decimals."""
    return f"{value:.4f}" if abs(value) < 10 else f"{value:.5g}"


def _remarks(facts: Facts, measured: Measured, folded: list[str]) -> Iterator[str]:
    if folded:
        yield phrase("0 in every column: {names}.", names=", ".join(folded))
    if measured.estimates:
        yield phrase(
            "Small numbers: {level} % intervals, percentile bootstrap over rows. They show how much the "
            "value depends on the rows of this split, and not how much another seed changes it.",
            level=LEVEL,
        )
    if measured.examples:
        yield from _without(facts, measured)
    else:
        yield phrase("There are no intervals, because the rows of the evaluation cannot be read.")
    for name, signature in measured.record.signatures.items():
        yield f"{name}: {signature}"
    if facts.explained:
        names = ", ".join(facts.explained)
        yield phrase(
            "↑ higher is better, ↓ lower is better; nlpx describe metric/NAME explains each of {names}.",
            names=names,
        )
    if not measured.record.references:
        command = ["nlpx", "eval", str(facts.run.path), "--split", measured.record.split, "--reference"]
        yield phrase("Reference systems, if the task has some: {command}", command=shlex.join(command))


def _without(facts: Facts, measured: Measured) -> Iterator[str]:
    """Why values have no interval."""
    metrics = facts.experiment.metrics if facts.experiment else ()
    reasons = {name: reason for metric in metrics for name, reason in metric.no_interval.items()}
    by_reason: dict[str, list[str]] = {}
    for name in measured.record.metrics:
        if "/" not in name and name not in measured.estimates:
            by_reason.setdefault(reasons.get(name, OTHER), []).append(name)
    for reason, names in by_reason.items():
        yield phrase(
            "Without interval: {names}, because {reason}.", names=", ".join(names), reason=translated(reason)
        )
