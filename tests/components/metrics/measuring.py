"""Shorthand of the tests of metrics."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import TypeVar

from nlpx.components.metrics.base import Metric
from nlpx.tasks.couplet.example import CoupletExample

MetricT = TypeVar("MetricT", bound=Metric)


def couplet(upper: str, reference: str, answer: str) -> CoupletExample:
    return CoupletExample(upper, reference, answer, nll=0.0, characters=len(upper))


def texts(reference: str, predicted: str) -> SimpleNamespace:
    """What metrics of texts read, of whatever task."""
    return SimpleNamespace(reference_text=reference, predicted_text=predicted)


def counted(metric: MetricT, examples: Iterable[object]) -> MetricT:
    """A fresh copy of a metric that has counted some examples."""
    copy = metric.fresh()
    for example in examples:
        copy.update(example)
    return copy


def measure(metric: Metric, examples: Iterable[object]) -> dict[str, float]:
    return counted(metric, examples).result()
