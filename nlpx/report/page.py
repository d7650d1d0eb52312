"""The report of a run as one HTML page."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from nlpx import __version__
from nlpx.core.language import CHINESE, ENGLISH
from nlpx.report.facts import Facts, read_facts
from nlpx.report.html import Html, element, joined
from nlpx.report.language import language, phrase, translated, written_in
from nlpx.report.sections.attention import attention
from nlpx.report.sections.cases import cases
from nlpx.report.sections.classes import classes
from nlpx.report.sections.curves import curves
from nlpx.report.sections.drawings import drawings
from nlpx.report.sections.heading import note, section
from nlpx.report.sections.results import ARROWS, number, results
from nlpx.report.sections.samples import samples
from nlpx.report.sections.slices import slices
from nlpx.report.sections.what import what_was_run
from nlpx.runs.directory import RunDirectory
from nlpx.specs.document import documentation

SECTIONS = (results, curves, cases, classes, slices, samples, attention, drawings, what_was_run)
TILES = 5
LOCALES = {ENGLISH: "en", CHINESE: "zh-CN"}
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
"""A browser loads nothing and runs no script, whatever a run contains."""


def report(
    run: RunDirectory, includes: Sequence[Path] = (), *, read_data: bool = False, language: str = ENGLISH
) -> str:
    """The report of a run, complete in itself.

    Args:
        includes, read_data: as for `read_facts`.
        language: one of LANGUAGES.

    Raises:
        DamagedRun: its snapshot is damaged.
    """
    with written_in(language):
        return _report(read_facts(run, includes, read_data=read_data))


def _report(facts: Facts) -> str:
    made = [_made(part, facts) for part in SECTIONS]
    task = facts.snapshot.task
    return page(
        f"{task}: {facts.run.id}",
        element(
            "header",
            element(
                "h1",
                f"{facts.run.id} ",
                element("span", translated(facts.status), class_=f"status {facts.status}"),
            ),
            element("p", *_lead(facts), class_="lead"),
            _tiles(facts),
            missing(facts.notes),
            contents(made),
        ),
        *made,
    )


def _made(part: Callable[[Facts], Html], facts: Facts) -> Html:
    """A part of the report, or why there is none: the files of a run may contain anything."""
    try:
        return part(facts)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        name = part.__name__.replace("_", " ").capitalize()
        why = f"{type(error).__name__}: {error}"
        return section(name, note(phrase("This part cannot be made: {why}", why=why)))


def page(title: str, *parts: Html) -> str:
    """A page with its style sheet."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("style", Html(files("nlpx.report").joinpath("page.css").read_text("utf-8"))),
    )
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    footer = element(
        "footer", f"nlpx {__version__}, {now}. ", phrase("This file is complete and loads nothing.")
    )
    body = element("body", element("main", *parts, footer))
    return f"<!DOCTYPE html>\n{element('html', head, body, lang=LOCALES[language()])}\n"


def contents(parts: Sequence[str]) -> Html:
    """Links to the parts of a page."""
    links = []
    for part in filter(None, parts):
        name = part.split('id="', 1)[1].split('"', 1)[0]
        links.append(element("a", translated(name.replace("-", " ").capitalize()), href=f"#{name}"))
    return element("nav", *links)


def _lead(facts: Facts) -> Iterator[str]:
    kind = type(facts.experiment) if facts.experiment else None
    yield f"{facts.snapshot.task}: {translated(documentation(kind).summary)}" if kind else facts.snapshot.task
    rows = facts.snapshot.data.get("train")
    last = facts.records[-1] if facts.records else {}
    yield phrase(" {rows} training rows.", rows=f"{rows.rows:,}") if rows else ""
    if last:
        yield phrase(" {steps} steps, {epochs} epochs.", steps=last.get("step"), epochs=last.get("epoch"))


def _tiles(facts: Facts) -> Html:
    """The most important numbers: of the evaluation, or of the validation split."""
    measured = facts.main
    shown = []
    if measured is not None:
        names = [name for name in measured.record.metrics if "/" not in name]
        sure = [name for name, found in measured.estimates.items() if found.high > found.low]
        names.sort(key=lambda name: (name != facts.monitored, name not in sure))
        for name in [name for name in names if measured.record.metrics[name]][:TILES]:
            estimate = measured.estimates.get(name)
            known = estimate is not None and math.isfinite(estimate.low) and estimate.high > estimate.low
            interval = f"{number(estimate.low)} – {number(estimate.high)}" if estimate and known else " "
            shown.append(_tile(facts, name, measured.record.metrics[name], measured.record.split, interval))
    else:
        for record in reversed(facts.records):
            value = record.get(facts.snapshot.monitor)
            if isinstance(value, int | float) and facts.best in (None, record.get("step")):
                step = phrase("step {step}", step=record.get("step"))
                shown.append(_tile(facts, facts.monitored, value, "valid", step))
                break
    return element("div", *shown, class_="tiles") if shown else Html()


def _tile(facts: Facts, name: str, value: float, split: str, below: str) -> Html:
    arrow = ARROWS.get(facts.snapshot.directions.get(name, ""), "")
    explained = translated(facts.explained.get(facts.owners.get(name, ""), "")) or None
    caption = element("span", f"{split} {name} {arrow}".rstrip(), title=explained)
    return element("div", caption, element("b", number(value)), element("small", below), class_="tile")


def missing(notes: Sequence[str]) -> Html:
    """What a page lacks; empty if it lacks nothing."""
    if not notes:
        return Html()
    listed = joined(element("li", note) for note in notes)
    return element(
        "div", element("p", element("b", phrase("What is missing"))), element("ul", listed), class_="missing"
    )
