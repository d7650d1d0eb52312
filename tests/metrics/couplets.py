"""Shorthand of the tests of couplet metrics."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from nlpx.metrics.base import Metric
from nlpx.metrics.examples import CoupletExample

ExampleT = TypeVar("ExampleT")


def couplet(upper: str, reference: str, answer: str) -> CoupletExample:
    return CoupletExample(upper, reference, answer, nll=0.0, characters=len(upper))


def measure(metric: Metric[ExampleT], examples: Iterable[ExampleT]) -> dict[str, float]:
    for example in examples:
        metric.update(example)
    return metric.result()
