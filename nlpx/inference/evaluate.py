"""Evaluate predictions on a split: metrics of the whole split and of its subsets, and the worst examples."""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Generic, TypeVar

from nlpx.components.metrics.base import Metric
from nlpx.components.metrics.resampled import RowValues
from nlpx.data.codec import RowT
from nlpx.specs.predictor import ExampleT, Predictor

ROWS_AT_ONCE = 2048
"""Rows in memory at the same time. They are sorted by length, so that batches contain little padding."""
T = TypeVar("T")


@dataclass(frozen=True)
class Report(Generic[ExampleT]):
    """The result of one evaluation.

    Attributes:
        metrics: `name`, and `subset/name` for every subset.
        signatures: how a metric was computed, for metrics that have a signature.
        worst: the worst examples with their severity, worst first.
        files: additional files that metrics write, by name.
        row_values: by subset, what intervals are computed from where predictions files lack it; "" is the
            whole split.
    """

    metrics: dict[str, float]
    signatures: dict[str, str]
    rows: int
    worst: list[tuple[float, ExampleT]]
    files: dict[str, str] = field(default_factory=dict)
    row_values: dict[str, list[RowValues]] = field(default_factory=dict)


def evaluate(
    metrics: Sequence[Metric],
    predictor: Predictor[RowT, ExampleT],
    rows: Callable[[], Iterable[RowT]],
    known: Container[str],
    *,
    worst: int = 0,
    each: Callable[[ExampleT], object] = lambda example: None,
) -> Report[ExampleT]:
    """Predict for every row and compute the metrics; memory does not grow with the number of rows.

    Args:
        rows: reads rows with references; called twice, because the predictor surveys them first.
        known: the keys of the training rows.
        each: called with every example, in order.
    """
    counted: defaultdict[str, list[Metric]] = defaultdict(lambda: [metric.fresh() for metric in metrics])
    whole = counted[""]
    cases: list[tuple[float, int, ExampleT]] = []
    count = 0
    lacking = False
    predictor.survey(rows())
    for chunk in chunks(rows(), ROWS_AT_ONCE):
        for example in predictor.examples(chunk, known):
            for metric in chain(*(counted[group] for group in ("", *example.group))):
                metric.update(example)
            each(example)
            lacking = lacking or bool(example.unwritten)
            if worst:
                severity = example.severity
                # NaN counts as the worst value; it could not be sorted.
                heapq.heappush(cases, (math.inf if math.isnan(severity) else severity, -count, example))
                if len(cases) > worst:
                    heapq.heappop(cases)
            count += 1
    return Report(
        metrics={
            f"{group}/{name}" if group else name: value
            for group in sorted(counted)
            for metric in counted[group]
            for name, value in metric.result().items()
        },
        signatures={metric.type: metric.signature for metric in whole if metric.signature},
        rows=count,
        worst=[(severity, example) for severity, _, example in sorted(cases, reverse=True)],
        files={name: text for metric in whole for name, text in metric.files().items()},
        row_values={group: _row_values(counted[group]) for group in counted} if lacking else {},
    )


def _row_values(metrics: Sequence[Metric]) -> list[RowValues]:
    found = (metric.resampled() for metric in metrics)
    return [values for values in found if isinstance(values, RowValues)]


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of up to `size` items."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
