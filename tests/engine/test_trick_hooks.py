"""What a trick may do at each of its points, by small tricks that are not shipped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import keras
import numpy as np
import pytest
import tensorflow as tf
from pydantic import PrivateAttr

from nlpx.components.losses.base import Term
from nlpx.components.tricks.base import Trick, value_of
from nlpx.engine.loss_scale import LossScale
from nlpx.engine.update import Update
from tests.engine.toy import ToyLearner, make_batch

if TYPE_CHECKING:
    from nlpx.components.tricks.base import Objective, Tensors


def mean_loss(terms: Mapping[str, Term]) -> tf.Tensor:
    """The total of terms over one batch: the sum of coefficient * sum / weight."""
    return tf.add_n([t.coefficient * tf.math.divide_no_nan(t.sum, t.weight) for t in terms.values()])


class Sharpness(Trick):
    """SAM: the gradient at w + radius * g / |g|, where g is the gradient at w (arXiv 2010.01412)."""

    type: Literal["sharpness"] = "sharpness"
    radius: float = 0.5

    def objective(self, objective: Objective, variables: Sequence[keras.Variable]) -> Objective:
        def sharp(batch: Tensors) -> Mapping[str, Term]:
            values = [variable.value for variable in variables]
            with tf.GradientTape() as tape:
                loss = mean_loss(objective(batch))
            gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, values)]
            scale = tf.math.divide_no_nan(self.radius, tf.linalg.global_norm(gradients))
            before = [tf.identity(value) for value in values]
            for value, gradient in zip(values, gradients, strict=True):
                value.assign_add(scale * gradient)
            terms = objective(batch)
            for value, old in zip(values, before, strict=True):
                value.assign(old)
            return terms

        return sharp


class Adversary(Trick):
    """FGM: the loss plus that with embeddings moved by radius * g / |g| (arXiv 1605.07725)."""

    type: Literal["adversary"] = "adversary"
    radius: float = 0.5

    def objective(self, objective: Objective, variables: Sequence[keras.Variable]) -> Objective:
        (table,) = (variable.value for variable in variables if "embeddings" in variable.path)

        def attacked(batch: Tensors) -> Mapping[str, Term]:
            with tf.GradientTape() as tape:
                terms = objective(batch)
                loss = mean_loss(terms)
            gradient = tf.convert_to_tensor(tape.gradient(loss, table))
            before = tf.identity(table)
            table.assign_add(tf.math.divide_no_nan(self.radius, tf.norm(gradient)) * gradient)
            moved = objective(batch)
            table.assign(before)
            return {**terms, **{f"{name}_moved": term for name, term in moved.items()}}

        return attacked


class Doubled(Trick):
    """Wraps the optimizer: updates are twice as long."""

    type: Literal["doubled"] = "doubled"

    def optimizer(self, optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
        apply = optimizer.apply
        optimizer.apply = lambda gradients, variables: apply([2 * g for g in gradients], variables)
        return optimizer


class Counted(Trick):
    """Counts updates."""

    type: Literal["counted"] = "counted"
    _count: list[keras.Variable] = PrivateAttr(default_factory=list)

    def build(self, weights: Sequence[keras.Variable]) -> None:
        self._count = [keras.Variable(0, dtype="int32", trainable=False)]

    @property
    def variables(self) -> list[keras.Variable]:
        return self._count

    def update(self, weights: Sequence[keras.Variable]) -> None:
        self._count[0].assign_add(1)


def fresh() -> ToyLearner:
    keras.utils.set_random_seed(8)
    return ToyLearner(dropout=0.0)


def batch(seed: int = 0) -> dict[str, np.ndarray]:
    return make_batch(np.random.default_rng(seed), 8, 5)


def gradients_at(learner: ToyLearner, data: dict[str, np.ndarray]) -> list[np.ndarray]:
    """Of the mean loss, by all trainable weights."""
    variables = [variable.value for variable in learner.model.trainable_variables]
    with tf.GradientTape() as tape:
        loss, weight = learner.loss(data, training=True)
        mean = loss / weight
    return [np.array(tf.convert_to_tensor(gradient)) for gradient in tape.gradient(mean, variables)]


def moved(learner: ToyLearner, steps: Sequence[np.ndarray]) -> None:
    for variable, step in zip(learner.model.trainable_variables, steps, strict=True):
        variable.assign_add(step)


def unit(gradients: Sequence[np.ndarray]) -> list[np.ndarray]:
    norm = np.sqrt(sum(float((gradient**2).sum()) for gradient in gradients))
    return [gradient / norm for gradient in gradients]


@pytest.mark.parametrize("xla", [False, True])
def test_the_objective_may_be_evaluated_elsewhere(xla: bool) -> None:
    """SAM, against two gradients by hand: the weights move by the gradient at the other place alone."""
    learner, by_hand = fresh(), fresh()
    update = Update(learner, keras.optimizers.SGD(0.3), [Sharpness()], xla=xla)
    for seed in range(3):
        update([batch(seed)])
        away = [0.5 * gradient for gradient in unit(gradients_at(by_hand, batch(seed)))]
        moved(by_hand, away)
        there = gradients_at(by_hand, batch(seed))
        moved(by_hand, [-step - 0.3 * gradient for step, gradient in zip(away, there, strict=True)])
    for one, other in zip(learner.model.weights, by_hand.model.weights, strict=True):
        np.testing.assert_allclose(value_of(one), value_of(other), atol=2e-6)


@pytest.mark.parametrize("accumulation", [1, 2])
def test_the_objective_may_be_evaluated_twice(accumulation: int) -> None:
    """FGM: the sum of two gradients; both losses are terms. With accumulation, of every micro-batch alone."""
    learner, by_hand = fresh(), fresh()
    update = Update(learner, keras.optimizers.SGD(0.3), [Adversary()], accumulation=accumulation)
    batches = [batch(seed) for seed in range(accumulation)]
    result = update(batches)
    total = [np.zeros(variable.shape) for variable in by_hand.model.trainable_variables]
    weights = [float(data["mask"].sum()) for data in batches]
    for data, weight in zip(batches, weights, strict=True):
        here = gradients_at(by_hand, data)
        away = [0.5 * unit(here[:1])[0], *(np.zeros(g.shape) for g in here[1:])]
        moved(by_hand, away)
        there = gradients_at(by_hand, data)
        moved(by_hand, [-step for step in away])
        share = weight / sum(weights)
        total = [t + share * (a + b) for t, a, b in zip(total, here, there, strict=True)]
    moved(by_hand, [-0.3 * gradient for gradient in total])
    assert list(result.sums.terms) == ["loss", "loss_moved"]
    for one, other in zip(learner.model.weights, by_hand.model.weights, strict=True):
        np.testing.assert_allclose(value_of(one), value_of(other), atol=2e-6)


def test_objectives_are_composed_in_the_order_written() -> None:
    """The second one evaluates the first, and that evaluates the learner twice each time."""
    seen: list[int] = []

    class Seen(ToyLearner):
        def loss(self, batch: Mapping[str, tf.Tensor], training: bool) -> tuple[tf.Tensor, tf.Tensor]:
            seen.append(1)
            return super().loss(batch, training)

    update = Update(Seen(dropout=0.0), keras.optimizers.SGD(0.1), [Sharpness(), Adversary()])
    assert list(update([batch()]).sums.terms) == ["loss", "loss_moved"]
    assert len(seen) == 4


def test_the_optimizer_may_be_wrapped() -> None:
    learner, plain = fresh(), fresh()
    Update(learner, keras.optimizers.SGD(0.1), [Doubled(), Doubled()])([batch()])
    Update(plain, keras.optimizers.SGD(0.4))([batch()])
    for one, other in zip(learner.model.weights, plain.model.weights, strict=True):
        np.testing.assert_allclose(value_of(one), value_of(other), atol=1e-6)


@pytest.mark.parametrize("accumulation", [1, 2])
def test_updates_that_are_left_out_do_not_count(accumulation: int) -> None:
    counted = Counted()
    update = Update(
        fresh(), keras.optimizers.SGD(0.1), [counted], accumulation=accumulation, loss_scale=LossScale()
    )
    good = {**batch(), "factor": np.array(1.0, np.float32)}
    bad = {**good, "factor": np.array(np.nan, np.float32)}
    finite = [update([last] if accumulation == 1 else [good, last]).finite for last in (good, bad, good)]
    assert finite == [True, False, True]
    assert int(value_of(counted.variables[0])) == 2
