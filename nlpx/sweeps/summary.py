"""A sweep as a table: its trials with means over seeds, the best one, and which dimensions matter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nlpx.components.metrics.base import Direction
from nlpx.runs.interval import half_width
from nlpx.sweeps.importance import importances
from nlpx.sweeps.load import LoadedSweep
from nlpx.sweeps.results import Decision, Outcome


@dataclass(frozen=True)
class Row:
    """A trial.

    Attributes:
        mean: of the runs that are finished, if there are any.
        half_width: half of the 95 % interval of the mean; None for a single run.
        n: number of finished runs.
        steps: updates of all runs.
        seconds: time of training of all runs, as far as it is known.
        running: whether one of them is being trained.
        runs: their directories.
        problem: why the trial is not valid, or a run was stopped early or cannot be read.
    """

    number: int
    point: dict[str, Any]
    decision: Decision
    mean: float | None
    half_width: float | None
    n: int
    steps: int
    seconds: float
    running: bool
    runs: list[str]
    problem: str


@dataclass(frozen=True)
class Summary:
    """A sweep.

    Attributes:
        rows: its trials; those with a mean over all seeds first, the best one at the top.
        best: number of the best trial.
        importance: by dimension, see `importances`.
    """

    name: str
    metric: str
    direction: Direction
    seeds: list[int]
    rows: list[Row]
    best: int | None
    importance: dict[str, float | None]

    @property
    def counts(self) -> str:
        """How many trials are decided in which way."""
        found = Counter(row.decision for row in self.rows)
        return ", ".join(f"{count} {decision}" for decision, count in found.items()) or "no trials"


def summarize(sweep: LoadedSweep, outcomes: Sequence[Outcome]) -> Summary:
    """The summary of the trials of a sweep."""
    rows = [_row(outcome) for outcome in outcomes]
    sign = 1 if sweep.direction == "min" else -1

    def order(row: Row) -> tuple[bool, bool, float, int]:
        value = sign * row.mean if row.mean is not None else 0.0
        return row.decision != "finished", row.mean is None, value, row.number

    rows.sort(key=order)
    best = rows[0].number if rows and rows[0].decision == "finished" else None
    importance = importances(sweep.spec.space, outcomes, sweep.direction)
    return Summary(sweep.name, sweep.metric, sweep.direction, list(sweep.seeds), rows, best, importance)


def _row(outcome: Outcome) -> Row:
    values = outcome.values
    problems = [outcome.trial.problem, *(result.problem for result in outcome.results)]
    return Row(
        number=outcome.trial.number,
        point=outcome.trial.point,
        decision=outcome.decision,
        mean=sum(values) / len(values) if values else None,
        half_width=half_width(values),
        n=len(values),
        steps=sum(result.step for result in outcome.results),
        seconds=sum(result.seconds for result in outcome.results),
        running=any(result.status == "running" for result in outcome.results),
        runs=[str(result.path) for result in outcome.results if result.status != "new"],
        problem="; ".join(filter(None, problems)),
    )
