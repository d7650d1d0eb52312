"""What a phase minimizes, over one batch: its terms, behind tricks, added up by what they are divided by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, NamedTuple

import keras
import tensorflow as tf

from nlpx.components.losses.base import Term
from nlpx.components.tricks.base import Trick
from nlpx.engine.learner import Learner, Phase

if TYPE_CHECKING:
    from nlpx.components.tricks.base import Objective, Tensors


class Measured(NamedTuple):
    """The terms over a batch: loss sums by what they are divided by, and the sum of each term.

    `groups` tells the position of the weight of each term.
    """

    losses: list[tf.Tensor]
    weights: list[tf.Tensor]
    terms: list[tf.Tensor]
    groups: dict[str, int]

    def means(self, scale: tf.Tensor) -> list[tf.Tensor]:
        """scale * loss / weight, 0 where the weight is 0."""
        return [
            loss * tf.stop_gradient(tf.math.divide_no_nan(scale, weight))
            for loss, weight in zip(self.losses, self.weights, strict=True)
        ]


def objective_of(
    learner: Learner, phase: Phase, tricks: Sequence[Trick], trainable: list[keras.Variable], step: tf.Tensor
) -> Objective:
    """The terms of a phase as a function of a batch, with every trick around it in the order given."""

    def terms_of(batch: Tensors) -> Mapping[str, Term]:
        terms = learner.losses(batch, step, training=True)
        return {name: terms[name] for name in phase.terms or terms}

    objective: Objective = terms_of
    for trick in tricks:
        objective = trick.objective(objective, trainable)
    return objective


def measure(terms: Mapping[str, Term]) -> Measured:
    """Add up the terms that are divided by the same tensor."""
    weights = list({id(term.weight): term.weight for term in terms.values()}.values())
    places = {id(weight): place for place, weight in enumerate(weights)}
    groups = {name: places[id(term.weight)] for name, term in terms.items()}
    losses = [
        total(term.coefficient * term.sum for name, term in terms.items() if groups[name] == place)
        for place in range(len(weights))
    ]
    return Measured(losses, weights, [term.sum for term in terms.values()], groups)


def total(tensors: Iterable[tf.Tensor]) -> tf.Tensor:
    """The sum, without a 0 to begin with."""
    return reduce(add, tensors)
