"""Stop runs early that are worse than the median of comparable ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from nlpx.components.metrics.base import Direction
from nlpx.sweeps.spec import Prune


def hopeless(
    prune: Prune, direction: Direction, values: Mapping[int, float], others: Sequence[Mapping[int, float]]
) -> str:
    """Why a run should be stopped; empty if it should not.

    Its best value so far is compared with the median of the best values of other runs up to the same step.

    Args:
        values: the metric by step, of a run that is training.
        others: the same of runs with the same seed that are finished or were stopped early.
    """
    step = max(values, default=0)
    if not values or step < prune.after:
        return ""
    best = min if direction == "min" else max
    reached = [_until(step, other) for other in others if max(other, default=-1) >= step]
    reached = [other for other in reached if other]
    if len(reached) < prune.startup:
        return ""
    own, middle = best(values.values()), median(best(other) for other in reached)
    if own == middle or best(own, middle) == own:
        return ""
    return f"step {step}: {own:.4f} is worse than the median of {len(reached)} runs, {middle:.4f}"


def _until(step: int, values: Mapping[int, float]) -> list[float]:
    return [value for at, value in values.items() if at <= step]
