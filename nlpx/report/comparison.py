"""The comparison of several runs as one HTML page."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from nlpx.core.language import ENGLISH
from nlpx.inference.intervals import LEVEL, Estimate
from nlpx.report.facts import Facts, read_facts
from nlpx.report.html import Html, element, joined, table
from nlpx.report.language import phrase, translated, written_in
from nlpx.report.page import contents, missing, page
from nlpx.report.sections.cases import first_field
from nlpx.report.sections.curves import Curve, curves_of, plot
from nlpx.report.sections.heading import grid, note, section
from nlpx.report.sections.results import ARROWS, number
from nlpx.runs.compare import Comparison, compare
from nlpx.runs.directory import RunDirectory
from nlpx.runs.flatten import MISSING
from nlpx.runs.result_settings import result_settings
from nlpx.workflow.measured import Measured

SEED, LOSS = "seed", "train/loss"


def comparison(
    runs: Sequence[RunDirectory], includes: Sequence[Path] = (), *, language: str = ENGLISH
) -> str:
    """The comparison of at least two runs; differences are those from the first one.

    Raises:
        DamagedRun: the snapshot of a run is damaged.
    """
    with written_in(language):
        return _comparison(runs, includes)


def _comparison(runs: Sequence[RunDirectory], includes: Sequence[Path]) -> str:
    compared = compare(runs)
    facts = dict(zip(compared.runs, (read_facts(run, includes) for run in runs), strict=True))
    parts = [
        _metrics(compared, facts),
        _differences(facts),
        _seeds(compared, facts),
        _curves(facts),
        _settings(compared),
    ]
    first = next(iter(facts.values()))
    notes = [
        *map(translated, compared.notes),
        *(f"{label}: {text}" for label, each in facts.items() for text in each.notes),
    ]
    header = element(
        "header",
        element("h1", phrase("Comparison of {count} runs", count=len(facts))),
        element("p", f"{', '.join(sorted({each.snapshot.task for each in facts.values()}))}", class_="lead"),
        missing(notes),
        contents(parts),
    )
    return page(f"{first.snapshot.task}: {' · '.join(facts)}", header, *parts)


def _metrics(compared: Comparison, facts: Mapping[str, Facts]) -> Html:
    rows = []
    zero = []
    for row in compared.metrics:
        split, _, name = row.name.partition("/")
        if "/" in name:
            continue
        if not any(row.values):
            zero.append(row.name)
            continue
        cells = []
        for each, value, best in zip(facts.values(), row.values, row.best, strict=True):
            measured = each.evaluations.get(split)
            estimate = measured.estimates.get(name) if measured else None
            shown = "" if value is None else number(value)
            cells.append(joined([element("b" if best else "span", shown), interval(estimate)]))
        rows.append([_named(row.name, name, facts), *cells])
    return section(
        "Metrics",
        table([phrase("metric"), *facts], rows, numbers=True, class_="results") if rows else Html(),
        note(
            phrase(
                "Bold: the best value. Small numbers: {level} % intervals, bootstrap over rows.", level=LEVEL
            )
        ),
        note(phrase("0 in every column: {names}.", names=", ".join(zero))) if zero else Html(),
    )


def _named(shown: str, name: str, facts: Mapping[str, Facts]) -> str:
    directions = {each.snapshot.directions.get(name, "") for each in facts.values()}
    return f"{shown} {ARROWS.get(directions.pop(), '') if len(directions) == 1 else ''}".rstrip()


def interval(estimate: Estimate | None) -> Html:
    """The interval of a value, if it has one."""
    if estimate is None or not math.isfinite(estimate.low) or estimate.low == estimate.high:
        return Html()
    return joined([" ", element("small", f"{number(estimate.low)} – {number(estimate.high)}")])


def _differences(facts: Mapping[str, Facts]) -> Html:
    """Differences of every run from the first one, on the same rows, drawn together."""
    (first, base), *others = facts.items()
    parts = []
    for split, ours in base.evaluations.items():
        paired = {
            label: each.evaluations[split]
            for label, each in others
            if split in each.evaluations and same_rows(ours, each.evaluations[split])
        }
        names = [name for name in ours.estimates if "/" not in name]
        rows = []
        for name in names:
            found = [
                theirs.estimates[name].minus(ours.estimates[name]) if name in theirs.estimates else None
                for theirs in paired.values()
            ]
            if any(each is not None and (each.low or each.high) for each in found):
                way = base.snapshot.directions.get(name, "")
                rows.append(
                    [f"{split}/{name} {ARROWS.get(way, '')}".rstrip(), *(_signed(x, way) for x in found)]
                )
        if rows:
            parts.append(table([phrase("metric"), *paired], rows, numbers=True, class_="results"))
    if not parts:
        return Html()
    about = phrase(
        "Value minus that of {first}, with {level} % intervals of the paired bootstrap: both runs are "
        "measured on the same drawn rows. Coloured: the interval does not contain 0. Another seed may change "
        "more than that.",
        first=first,
        level=LEVEL,
    )
    return section("Differences", *parts, note(about))


def same_rows(one: Measured, other: Measured) -> bool:
    """Whether two evaluations are of the same rows, in the same order."""
    inputs = [[first_field(example) for example in measured.examples] for measured in (one, other)]
    return bool(inputs[0]) and inputs[0] == inputs[1]


def _signed(difference: Estimate | None, way: str) -> Html:
    if difference is None or not math.isfinite(difference.low):
        return Html()
    sign = 1 if difference.low > 0 else -1 if difference.high < 0 else 0
    good = {"max": 1, "min": -1}.get(way, 0)
    style = None if not sign or not good else "better" if sign == good else "worse"
    text = f"{difference.low:+.4f} – {difference.high:+.4f}"
    return joined([element("span", f"{difference.value:+.4f}", class_=style), " ", element("small", text)])


def _seeds(compared: Comparison, facts: Mapping[str, Facts]) -> Html:
    """Runs that differ in their seed only, as one: mean and interval over seeds."""
    groups: dict[tuple[object, ...], dict[int, str]] = {}
    for label, each in facts.items():
        config = result_settings(each.snapshot.experiment)
        seedless = tuple((key, str(value)) for key, value in config.items() if key != SEED)
        # The same seed again is no other sample.
        groups.setdefault(seedless, {}).setdefault(each.snapshot.seed, label)
    if all(len(labels) == 1 for labels in groups.values()):
        return Html()
    members = [list(labels.values()) for labels in groups.values()]
    places = {label: place for place, label in enumerate(compared.runs)}
    names = [row for row in compared.metrics if row.name.count("/") == 1 and any(row.values)]
    header = [phrase("metric"), *(f"{labels[0]} (n = {len(labels)})" for labels in members)]
    rows = [
        [
            _named(row.name, row.name.partition("/")[2], facts),
            *(_mean([row.values[places[label]] for label in labels]) for labels in members),
        ]
        for row in names
    ]
    about = phrase(
        "Means over runs that differ in their seed only, with {level} % intervals (Student's t).", level=LEVEL
    )
    return section("Seeds", table(header, rows, numbers=True, class_="results"), note(about))


def _mean(values: Sequence[float | None]) -> Html:
    known = np.array([value for value in values if value is not None], np.float64)
    if not len(known):
        return Html()
    mean = element("span", number(float(known.mean())))
    if len(known) == 1:
        return joined([mean, " ", element("small", phrase("one seed"))])
    from scipy.stats import t

    half = float(t.ppf(0.5 + LEVEL / 200, len(known) - 1) * known.std(ddof=1) / math.sqrt(len(known)))
    return joined([mean, " ", element("small", f"± {number(half)}")])


def _curves(facts: Mapping[str, Facts]) -> Html:
    recorded = {label: curves_of(each.records) for label, each in facts.items()}
    return section("Curves", grid([*_overlaid(recorded)]))


def _overlaid(recorded: Mapping[str, Mapping[str, Curve]]) -> Iterator[Html]:
    """A plot for every number that at least one run has recorded on a whole split."""
    names = dict.fromkeys(name for curves in recorded.values() for name in curves if name.count("/") == 1)
    for name in sorted(names, key=lambda name: name != LOSS):
        group = {label: curves[name] for label, curves in recorded.items() if name in curves}
        if any(y for curve in group.values() for _, y in curve):
            yield plot(name, group, {}, whole=True)


def _settings(compared: Comparison) -> Html:
    rows = [[element("code", key), *map(_written, values)] for key, values in compared.settings.items()]
    if not rows:
        return section("Settings", note(phrase("The runs have the same settings, code and data.")))
    return section("Settings", table([phrase("setting"), *compared.runs], rows))


def _written(value: object) -> str:
    return "–" if value is MISSING or value is None else str(value)
