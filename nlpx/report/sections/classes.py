"""Classes: which are taken for which others, the recall of each, and the calibration of probabilities."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from nlpx.core.plot import Axis, LinePlot
from nlpx.report.charts import Bar, bars, heat_map
from nlpx.report.facts import Facts
from nlpx.report.html import Html, drawn, element, table
from nlpx.report.language import phrase
from nlpx.report.sections.heading import grid, note, section

MOST_SQUARES, MOST_BARS, MOST_PAIRS = 30, 40, 20
"""Classes of a matrix and of bars, above which only the worst are shown; and pairs of classes."""
BINS = 10
Z = 1.959964


def classes(facts: Facts) -> Html:
    """The matrix of confusion, the recall of every class, and the calibration."""
    examples = facts.main.examples if facts.main else ()
    if not examples or not hasattr(examples[0], "predicted_class"):
        return Html()
    return section(
        "Classes",
        grid([_confusion(examples), _recalls(examples), *_calibration(examples)]),
        _remark(examples),
    )


def _confusion(examples: Sequence[Any]) -> Html:
    counts = Counter((example.reference_class, example.predicted_class) for example in examples)
    labels = sorted({label for pair in counts for label in pair})
    if len(labels) > MOST_SQUARES:
        return _pairs(counts)
    totals = Counter(example.reference_class for example in examples)
    shares = [[counts[row, column] / max(totals[row], 1) for column in labels] for row in labels]
    texts = [[str(counts[row, column] or "") for column in labels] for row in labels]
    title, axes = phrase("Confusion"), (phrase("reference"), phrase("prediction"))
    return drawn(heat_map(title, labels, labels, shares, texts, axes=axes, diagonal=True), title)


def _pairs(counts: Counter[tuple[str, str]]) -> Html:
    totals: Counter[str] = Counter()
    for (reference, _), count in counts.items():
        totals[reference] += count
    wrong = [(pair, count) for pair, count in counts.most_common() if pair[0] != pair[1]][:MOST_PAIRS]
    rows = [
        [reference, predicted, str(count), f"{count / totals[reference]:.0%}"]
        for (reference, predicted), count in wrong
    ]
    if not rows:
        return note(phrase("No class is taken for another one."))
    return element(
        "div",
        element("h3", phrase("The {count} most frequent confusions", count=len(rows))),
        table([phrase("reference"), phrase("prediction"), phrase("rows"), phrase("of the reference")], rows),
    )


def _recalls(examples: Sequence[Any]) -> Html:
    totals = Counter(example.reference_class for example in examples)
    right = Counter(
        example.reference_class for example in examples if example.reference_class == example.predicted_class
    )
    shown = sorted(totals, key=lambda label: (right[label] / totals[label], label))[:MOST_BARS]
    title = phrase("Recall of each class")
    if len(totals) > MOST_BARS:
        title = phrase("Recall of the worst {shown} of {all} classes", shown=MOST_BARS, all=len(totals))
    made = [
        Bar(label, right[label] / totals[label], *wilson(right[label], totals[label]), f"n = {totals[label]}")
        for label in shown
    ]
    return drawn(bars(title, made), title)


def wilson(right: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a proportion (Wilson 1927)."""
    share, square = right / total, Z * Z
    centre = (share + square / (2 * total)) / (1 + square / total)
    half = Z / (1 + square / total) * math.sqrt(share * (1 - share) / total + square / (4 * total * total))
    return max(centre - half, 0.0), min(centre + half, 1.0)


def _calibration(examples: Sequence[Any]) -> list[Html]:
    points = [_highest(example) for example in examples]
    if any(point is None for point in points):
        return []
    found = np.array(points, np.float64)
    places = np.minimum((found[:, 0] * BINS).astype(int), BINS - 1)
    bins = [found[places == place] for place in range(BINS)]
    filled = [part for part in bins if len(part)]
    curve = [(float(part[:, 0].mean()), float(part[:, 1].mean())) for part in filled]
    error = sum(len(part) * abs(x - y) for part, (x, y) in zip(filled, curve, strict=True)) / len(found)
    title = phrase("Calibration: expected error {error} ({bins} bins)", error=f"{error:.4f}", bins=BINS)
    axis = Axis(phrase("mean probability of the prediction"), 0, 1)
    perfect, accuracy = phrase("perfect"), phrase("accuracy in a bin")
    lines = {perfect: [(0.0, 0.0), (1.0, 1.0)], accuracy: curve}
    share = LinePlot(
        title,
        axis,
        Axis(phrase("accuracy"), 0, 1),
        lines,
        {},
        {accuracy: curve},
        440,
        340,
        frozenset({perfect}),
    )
    sizes = [
        Bar(f"{place / BINS:.1f} – {(place + 1) / BINS:.1f}", len(part) / len(found), note=f"n = {len(part)}")
        for place, part in enumerate(bins)
        if len(part)
    ]
    histogram = phrase("Rows by the probability of their prediction")
    return [drawn(share.svg(), title), drawn(bars(histogram, sizes), histogram)]


def _highest(example: Any) -> tuple[float, bool] | None:
    """The highest probability, and whether its class is right; None if there are no probabilities."""
    scores = getattr(example, "class_probabilities", None)
    if scores:
        label = max(scores, key=scores.__getitem__)
        return scores[label], label == example.reference_class
    probability = getattr(example, "probability", None)
    return None if probability is None else (probability, example.reference_class == example.predicted_class)


def _remark(examples: Sequence[Any]) -> Html:
    labels = {example.reference_class for example in examples}
    return note(
        phrase(
            "{classes} classes occur in {rows} rows. Lines on bars: 95 % intervals (Wilson). "
            "A calibrated model is right in 80 % of the rows whose prediction has a probability of 0.8.",
            classes=len(labels),
            rows=len(examples),
        )
    )
