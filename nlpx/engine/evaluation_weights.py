"""The weights that evaluation and use see: the raw ones, or what tricks make of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import keras
import numpy as np

from nlpx.components.tricks.base import Trick, value_of
from nlpx.engine.step import TrainStep


def evaluation_values(weights: Sequence[keras.Variable], tricks: Sequence[Trick]) -> list[np.ndarray]:
    """One array for each weight, after every trick in the order written."""
    values = [value_of(weight) for weight in weights]
    for trick in tricks:
        values = trick.evaluation(values)
    return values


def all_evaluation_values(step: TrainStep) -> list[np.ndarray]:
    """One array for each weight of the model; those that are fixed are as they are."""
    changing = dict(zip(map(id, step.changing), evaluation_values(step.changing, step.tricks), strict=True))
    return [changing[id(w)] if id(w) in changing else value_of(w) for w in step.weights]


@contextmanager
def evaluation_weights(weights: Sequence[keras.Variable], tricks: Sequence[Trick]) -> Iterator[None]:
    """Within, the model holds the evaluation weights; after, the raw ones again, bit for bit."""
    raw = [value_of(weight) for weight in weights]
    try:
        _assign(weights, evaluation_values(weights, tricks))
        yield
    finally:
        _assign(weights, raw)


def _assign(weights: Sequence[keras.Variable], values: Sequence[np.ndarray]) -> None:
    for weight, value in zip(weights, values, strict=True):
        weight.assign(value)
