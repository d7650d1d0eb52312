"""Evaluate predictions on a split: metrics of the whole split and of its subsets, and the worst examples."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Generic, TypeVar

from nlpx.components.metrics.base import Metric
from nlpx.specs.codec import RowT
from nlpx.specs.predictor import Example, ExampleT, Predictor

ROWS_AT_ONCE = 2048
"""Rows in memory at the same time. They are sorted by length, so that batches contain little padding."""
T = TypeVar("T")


@dataclass(frozen=True)
class Report(Generic[ExampleT]):
    """The result of one evaluation.

    Attributes:
        metrics: `name`, and `subset/name` for every subset.
        signatures: how a metric was computed, for metrics that have a signature.
        rows: number of rows.
        worst: the worst examples with their severity, worst first.
        files: additional files that metrics write, by name.
    """

    metrics: dict[str, float]
    signatures: dict[str, str]
    rows: int
    worst: list[tuple[float, ExampleT]]
    files: dict[str, str] = field(default_factory=dict)


def evaluate(
    metrics: Sequence[Metric],
    predictor: Predictor[RowT, ExampleT],
    rows: Callable[[], Iterable[RowT]],
    known: Container[str],
    *,
    worst: int = 0,
    each: Callable[[ExampleT], None] | None = None,
) -> Report[ExampleT]:
    """Predict for every row and compute the metrics; memory does not grow with the number of rows.

    Args:
        metrics: the metrics to compute.
        predictor: the model.
        rows: reads rows with references; called twice, because the predictor surveys them first.
        known: the keys of the training rows.
        worst: number of worst examples to keep.
        each: called with every example, in order.
    """
    table = _Table(metrics)
    cases: list[tuple[float, int, ExampleT]] = []
    count = 0
    predictor.survey(rows())
    for chunk in chunks(rows(), ROWS_AT_ONCE):
        for example in predictor.examples(chunk, known):
            table.update(example)
            if each is not None:
                each(example)
            if worst:
                severity = example.severity
                # NaN counts as the worst value; it could not be sorted.
                heapq.heappush(cases, (math.inf if math.isnan(severity) else severity, -count, example))
                if len(cases) > worst:
                    heapq.heappop(cases)
            count += 1
    ordered = [
        (severity, example) for severity, _, example in sorted(cases, key=lambda case: case[:2], reverse=True)
    ]
    return Report(table.result(), table.signatures(), count, ordered, table.files())


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of up to `size` items."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


class _Table:
    """Every metric, for the whole split and for each subset."""

    def __init__(self, metrics: Sequence[Metric]) -> None:
        self._options = metrics
        self._metrics: dict[str, list[Metric]] = {"": self._fresh()}

    def _fresh(self) -> list[Metric]:
        return [metric.fresh() for metric in self._options]

    def update(self, example: Example) -> None:
        for group in ("", *example.group):
            if group not in self._metrics:
                self._metrics[group] = self._fresh()
            for metric in self._metrics[group]:
                metric.update(example)

    def result(self) -> dict[str, float]:
        return {
            f"{group}/{name}" if group else name: value
            for group, metrics in sorted(self._metrics.items())
            for metric in metrics
            for name, value in metric.result().items()
        }

    def signatures(self) -> dict[str, str]:
        return {metric.type: metric.signature for metric in self._metrics[""] if metric.signature}

    def files(self) -> dict[str, str]:
        return {name: text for metric in self._metrics[""] for name, text in metric.files().items()}
