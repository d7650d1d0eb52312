"""How much the dimensions of a space matter, each taken by itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from statistics import fmean

from nlpx.components.metrics.base import Direction
from nlpx.sweeps.results import Outcome
from nlpx.sweeps.space import Choice, Space

PARTS = 3
"""Number of parts of equal size into which the trials are divided along a range."""


def importances(space: Space, outcomes: Sequence[Outcome], direction: Direction) -> dict[str, float | None]:
    """The share of the variance of the ranks of trials that lies between the values of a dimension.

    The share is corrected for the number of groups (epsilon squared), so that a dimension without effect gets
    about 0. Ranges are divided into three parts with the same number of trials. Trials that were stopped
    early or diverged share the last rank. None: there are too few trials, or all have the same rank.
    """
    decided = [o for o in outcomes if o.decision in ("finished", "pruned", "diverged")]
    ranks = _ranks([_badness(outcome, direction) for outcome in decided])
    found = {}
    for name, dimension in space.items():
        rows = [
            (o.trial.point[name], rank)
            for o, rank in zip(decided, ranks, strict=True)
            if name in o.trial.point
        ]
        if isinstance(dimension, Choice):
            groups = [json.dumps(value) for value, _ in rows]
        else:
            order = _ranks([float(value) for value, _ in rows])
            groups = [str(int(PARTS * (place - 0.5) / len(rows))) for place in order]
        found[name] = _share(groups, [rank for _, rank in rows])
    return found


def _badness(outcome: Outcome, direction: Direction) -> float:
    mean = outcome.mean
    if mean is None:
        return float("inf")
    return mean if direction == "min" else -mean


def _ranks(values: Sequence[float]) -> list[float]:
    """Ranks from 1; equal values share the mean of their ranks."""
    ordered = sorted(values)
    return [ordered.index(value) + (1 + ordered.count(value)) / 2 for value in values]


def _share(groups: Sequence[str], ranks: Sequence[float]) -> float | None:
    names = dict.fromkeys(groups)
    if not len(ranks) > len(names) > 1 or max(ranks) == min(ranks):
        return None
    mean = fmean(ranks)
    total = sum((rank - mean) ** 2 for rank in ranks)
    within = 0.0
    for name in names:
        members = [rank for group, rank in zip(groups, ranks, strict=True) if group == name]
        within += sum((rank - fmean(members)) ** 2 for rank in members)
    unexplained = within / (len(ranks) - len(names)) / (total / (len(ranks) - 1))
    return max(0.0, 1 - unexplained)
