"""Metrics of rows of similar length, and of rows with rare or frequent characters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from nlpx.errors import DamagedRun
from nlpx.inference.intervals import FEWEST, Estimate, estimates
from nlpx.report.charts import Bar, bars
from nlpx.report.facts import Facts
from nlpx.report.html import Html, drawn
from nlpx.report.language import phrase
from nlpx.report.sections.heading import grid, note, section
from nlpx.runs.files import LARGEST_JSON, read_file
from nlpx.text.vocabulary import Vocabulary
from nlpx.workflow.measured import Measured

BINS, METRICS, DRAWS = 5, 3, 200
FREQUENCIES = (0, 1, 10, 100, 1000)
"""Counts at which another subset of rows begins."""
TEXTS = ("source_text", "text", "reference_text")


def slices(facts: Facts) -> Html:
    """Bars for up to METRICS metrics, by length and by the rarest character of a row."""
    measured = facts.main
    if measured is None or facts.experiment is None or not measured.examples or not measured.estimates:
        return Html()
    texts = [_text(example) for example in measured.examples]
    if not any(texts):
        return Html()
    subsets = {phrase("length"): _by_length(texts), phrase("rarest character"): _by_frequency(facts, texts)}
    named = {f"{kind}: {name}": rows for kind, found in subsets.items() for name, rows in found.items()}
    names = _metrics(facts, measured)
    chosen = [metric for metric in facts.experiment.metrics if {*metric.numbers()} & {*names}]
    found = estimates(chosen, measured.examples, named, DRAWS, measured.stored)
    plots = [grid([*_plots(kind, names, parts, found)]) for kind, parts in subsets.items() if len(parts) > 1]
    if not any(plots):
        return Html()
    return section(
        "Slices",
        *plots,
        note(
            phrase(
                "Length: characters of the input. Rarest character: how often the rarest character of a row "
                "occurs in the training split, 0 if it is not in the vocabulary. Lines: 95 % intervals."
            )
        ),
    )


def _text(example: Any) -> str:
    for name in TEXTS:
        value = getattr(example, name, None)
        if isinstance(value, str):
            return value
    return ""


def _by_length(texts: Sequence[str]) -> dict[str, np.ndarray]:
    """Up to BINS subsets of about the same size."""
    lengths = np.array([len(text) for text in texts])
    edges = np.unique(np.quantile(lengths, np.linspace(0, 1, BINS + 1), method="higher"))
    if len(edges) < 3:
        parts = {str(edge): lengths == edge for edge in edges}
    else:
        parts = {}
        for place, (low, high) in enumerate(pairwise(edges)):
            first = low if place == 0 else low + 1
            name = f"{first}" if first == high else f"{first} – {high}"
            parts[name] = (lengths >= first) & (lengths <= high)
    return {name: rows for name, rows in parts.items() if rows.sum() >= FEWEST}


def _by_frequency(facts: Facts, texts: Sequence[str]) -> dict[str, np.ndarray]:
    path = facts.run.vocabulary / "char.json"
    try:
        vocabulary = Vocabulary.from_json(read_file(path, LARGEST_JSON))
    except (DamagedRun, ValueError):
        return {}  # a task without characters, or a damaged file, which commands that need it report
    normalize = getattr(facts.experiment.codec() if facts.experiment else None, "normalizer", None)
    count = dict(zip(vocabulary.tokens[1:], vocabulary.counts[1:], strict=True))
    rarest = np.array(
        [_rarest(text if normalize is None else normalize.normalize(text), count) for text in texts]
    )
    parts = {}
    for place, low in enumerate(FREQUENCIES):
        high = FREQUENCIES[place + 1] - 1 if place + 1 < len(FREQUENCIES) else None
        name = (
            str(low)
            if low == high
            else f"{low} – {high}"
            if high is not None
            else phrase("{low} or more", low=low)
        )
        parts[name] = (rarest >= low) & (rarest <= (np.inf if high is None else high))
    return {name: rows for name, rows in parts.items() if rows.sum() >= FEWEST}


def _rarest(text: str, counts: Mapping[str, int]) -> int:
    return min((counts.get(char, 0) for char in text), default=0)


def _metrics(facts: Facts, measured: Measured) -> list[str]:
    """The metrics that are shown: the monitored one, then those of the config, one of each kind first."""
    metrics = facts.experiment.metrics if facts.experiment else ()
    sized = {name for metric in metrics for name in metric.sized}
    usable = [
        name
        for name, estimate in measured.estimates.items()
        if "/" not in name and estimate.high > estimate.low and name not in sized
    ]
    kinds = Counter[str]()
    turn = {}
    for name in usable:
        owner = facts.owners.get(name, "")
        turn[name] = kinds[owner]
        kinds[owner] += 1
    usable.sort(key=lambda name: (name != facts.monitored, turn[name]))
    return usable[:METRICS]


def _plots(
    kind: str, names: Sequence[str], subsets: Mapping[str, np.ndarray], found: Mapping[str, Estimate]
) -> Iterator[Html]:
    for name in names:
        shown = [
            Bar(part, estimate.value, estimate.low, estimate.high, f"n = {int(rows.sum())}")
            for part, rows in subsets.items()
            if (estimate := found.get(f"{kind}: {part}/{name}")) is not None
        ]
        if len(shown) > 1:
            title = phrase("{name} by {kind}", name=name, kind=kind)
            yield drawn(bars(title, shown), title)
