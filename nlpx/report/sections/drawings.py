"""What only some tasks have: transitions of tags, solutions of equations, leads of neighbours, images."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from nlpx.core.plot import Axis, LinePlot
from nlpx.data.word_vectors import principal_plane
from nlpx.errors import NlpxError
from nlpx.report.charts import Bar, bars, heat_map, scatter
from nlpx.report.facts import Facts
from nlpx.report.html import Html, drawn, element, image
from nlpx.report.language import phrase
from nlpx.report.latent import vectors_of_rows
from nlpx.report.neighbours import neighbours
from nlpx.report.sections.cases import first_field
from nlpx.report.sections.heading import grid, note, section
from nlpx.report.sections.samples import KINDS, LARGEST_IMAGE
from nlpx.runs.bundle import Bundle
from nlpx.runs.directory import is_bundle
from nlpx.runs.files import read_file
from nlpx.text.tags import TAGS

TRANSITIONS = "transitions"
"""Name of the constant of a bundle."""
LEADS, LEAST = 10, 3


def drawings(facts: Facts) -> Html:
    """What the predictions or the bundle of a run allow to draw."""
    examples = facts.main.examples if facts.main else ()
    parts = [
        _transitions(facts),
        *_solutions(examples),
        _leads(examples),
        _similarities(examples),
        *_files(facts),
        *_map(facts),
    ]
    return section("Inside", grid(parts))


def _transitions(facts: Facts) -> Html:
    """The scores of tag pairs of a linear-chain model, from the bundle in the run."""
    if not is_bundle(facts.run.bundle):
        return Html()
    try:
        found = np.array(Bundle.open(facts.run.bundle).manifest.constants.get(TRANSITIONS), np.float64)
    except (NlpxError, TypeError, ValueError):
        return Html()
    if found.ndim != 2 or found.shape[0] != found.shape[1] or not np.isfinite(found).all():
        return Html()
    labels = [*TAGS.upper()] if len(found) == len(TAGS) else [str(number) for number in range(len(found))]
    shares = found / max(float(np.abs(found).max()), 1e-9)
    texts = [[f"{value:.2f}" for value in row] for row in found.tolist()]
    axes = phrase("from"), phrase("to")
    title = phrase("Scores of transitions")
    return drawn(heat_map(title, labels, labels, shares.tolist(), texts, axes=axes), title)


def _solutions(examples: Sequence[Any]) -> list[Html]:
    """Observed and predicted values of each variable over time."""
    if not examples or not hasattr(examples[0], "predicted_values"):
        return []
    plots = []
    for place, name in enumerate(examples[0].variables):
        ordered = sorted((example for example in examples), key=lambda example: example.time)
        solution = [(example.time, example.predicted_values[place]) for example in ordered]
        observed = [
            (example.time, value)
            for example in ordered
            if (value := example.reference_values[place]) is not None
        ]
        values = [y for _, y in (*solution, *observed) if math.isfinite(y)]
        if not values:
            continue
        x, y = Axis.over(phrase("time"), [time for time, _ in solution]), Axis.over("", values)
        seen = phrase("observed")
        curves = {phrase("solution"): solution, seen: []}
        plot = LinePlot(name, x, y, curves, {}, {seen: observed}, 440, 280)
        plots.append(drawn(plot.svg(), phrase("{name}: solution and observations", name=name)))
    return plots


def _leads(examples: Sequence[Any]) -> Html:
    """How far the best sentence of the own group is ahead of the best other one."""
    if not examples or not hasattr(examples[0], "lead"):
        return Html()
    leads = np.array([example.lead for example in examples])
    title = phrase("Rows by the lead of their group (below 0: another group is nearest)")
    return _histogram(title, leads)


def _similarities(examples: Sequence[Any]) -> Html:
    """Predicted similarity by the score of the corpus."""
    if not examples or not hasattr(examples[0], "predicted_score"):
        return Html()
    points = [(float(example.score), float(example.predicted_score)) for example in examples]
    labels = phrase("score"), phrase("prediction")
    x, y = (Axis.over(label, [point[i] for point in points]) for i, label in enumerate(labels))
    title = phrase("Predicted similarity by score")
    plot = LinePlot(title, x, y, {title: []}, {}, {title: points}, 440, 340)
    return drawn(plot.svg(), title)


def _map(facts: Facts) -> list[Html]:
    """Rows on the plane of the two principal components of their vectors, and neighbours of some."""
    if not facts.may_read_data:
        return []
    try:
        examples, vectors = vectors_of_rows(facts)
    except NlpxError as error:
        return [note(phrase("There is no map of vectors: {error}", error=error))]
    if len(vectors) < LEAST:
        return []
    title = phrase("Vectors of rows on their principal plane")
    places = [(x, y) for x, y in principal_plane(vectors).tolist()]
    groups = [str(getattr(example, "group_id", "")) for example in examples]
    names = [first_field(example) for example in examples]
    return [drawn(scatter(title, places, names, groups), title), *neighbours(examples, vectors)]


def _histogram(title: str, values: np.ndarray) -> Html:
    finite = values[np.isfinite(values)]
    if not len(finite) or finite.min() == finite.max():
        return Html()
    counts, edges = np.histogram(finite, LEADS)
    shown = [
        Bar(f"{low:+.2f} – {high:+.2f}", count / len(finite), note=f"n = {count}")
        for count, low, high in zip(counts.tolist(), edges.tolist(), edges[1:].tolist(), strict=False)
    ]
    return drawn(bars(title, shown), title)


def _files(facts: Facts) -> list[Html]:
    """Images among the files that the run keeps of its best checkpoint."""
    try:
        paths = sorted(path for path in facts.run.results.iterdir() if path.suffix in KINDS)
    except OSError:
        return []
    figures = []
    for path in paths:
        try:
            content = read_file(path, LARGEST_IMAGE)
        except NlpxError:
            continue
        picture = image(content, KINDS[path.suffix], path.name)
        figures.append(element("figure", picture, element("figcaption", path.name)))
    return figures
