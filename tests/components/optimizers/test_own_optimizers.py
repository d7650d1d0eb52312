"""Optimizers of nlpx against closed forms and formulas in float64."""

from __future__ import annotations

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpx.components.optimizers.heun import Heun
from nlpx.components.optimizers.momentum_ode import MomentumODE
from nlpx.components.optimizers.polyak import Polyak
from nlpx.components.optimizers.rmsprop_scalar import RMSpropScalar
from nlpx.components.optimizers.schedule_free_adamw import ScheduleFreeAdamW
from nlpx.components.optimizers.sgd import SGD
from nlpx.components.schedules.linear import Linear
from nlpx.engine.step import TrainStep
from tests.components.optimizers.weights import BATCH, WeightLearner, trajectory, update_of

START = np.array([0.5, -1.0, 2.0], np.float32)


def square(w: tf.Tensor) -> tf.Tensor:
    """w' = -2 w."""
    return tf.reduce_sum(w**2)


def test_f18_heun() -> None:
    assert trajectory(Heun(learning_rate=0.1), square, 1.0, 1)[0] == pytest.approx(0.82)
    assert trajectory(SGD(learning_rate=0.1), square, 1.0, 1)[0] == pytest.approx(0.80)


@pytest.mark.parametrize(("options", "order"), [(Heun(), 2), (SGD(), 1)])
def test_order_of_the_method(options: Heun | SGD, order: int) -> None:
    """After the time 1, halving the step divides the error by 4, or by 2."""
    errors = []
    for steps in (10, 20):
        made = options.model_copy(update={"learning_rate": 1 / steps})
        errors.append(abs(float(trajectory(made, square, 1.0, steps)[-1]) - math.exp(-2)))
    assert errors[0] / errors[1] == pytest.approx(2**order, rel=0.25)


def test_heun_restores_the_weights_and_reports_the_loss_at_them() -> None:
    learner = WeightLearner(lambda w, unused: tf.reduce_sum(w**4), START, 3.0)
    update = update_of(learner, Heun(learning_rate=0.01))
    result = update([BATCH])
    assert result.losses[0] / 2 == pytest.approx(float(np.sum(START**4)), rel=1e-6)
    slope = 4 * START**3
    moved = START - 0.01 * slope
    expected = START - 0.01 * (slope + 4 * moved**3) / 2
    np.testing.assert_allclose(learner.model.trainable_variables[0].numpy(), expected, rtol=1e-6)
    assert learner.model.trainable_variables[1].numpy() == 3.0


def test_polyak_lowers_the_loss_by_the_same_factor() -> None:
    """dL/dt = -L: the quadratic w^2 is multiplied by (1 - h / 2)^2 per step."""
    values = trajectory(Polyak(learning_rate=0.1), square, START, 20)
    losses = np.sum(values.astype(np.float64) ** 2, 1)
    expected = np.sum(START.astype(np.float64) ** 2) * (1 - 0.05) ** (2 * np.arange(1, 21))
    np.testing.assert_allclose(losses, expected, rtol=1e-5)
    assert losses[-1] == pytest.approx(np.sum(START**2) * math.exp(-2), rel=0.06)


def test_polyak_limits_the_step_where_the_gradient_is_small() -> None:
    loss = lambda w: tf.reduce_sum(w**2) + 5  # noqa: E731
    w = np.array([1e-4, 0.0], np.float32)
    (found,) = trajectory(Polyak(learning_rate=0.01, limit=100.0), loss, w, 1)
    np.testing.assert_allclose(found, [1e-4 - 0.01 * 5 * 100, 0], rtol=1e-4)


def test_scalar_rmsprop() -> None:
    values = trajectory(RMSpropScalar(learning_rate=0.1, rho=0.8, epsilon=1e-3), square, START, 4)
    w, v = START.astype(np.float64), 0.0
    for found in values:
        g = 2 * w
        v = 0.8 * v + 0.2 * float(g @ g)
        w = w - 0.1 * g / np.sqrt(v + 1e-3)
        np.testing.assert_allclose(found, w, rtol=1e-5)
    (one,) = trajectory(RMSpropScalar(learning_rate=0.1, rho=0.0, epsilon=1e-12), square, START, 1)
    assert np.linalg.norm(one - START) == pytest.approx(0.1, rel=1e-5)


def test_f24_momentum() -> None:
    beta, alpha = MomentumODE(damping=1.0).coefficients(0.1)
    assert (beta, alpha) == (pytest.approx(0.9047619, rel=1e-7), pytest.approx(0.00952381, rel=1e-6))


def test_momentum_ode_is_sgd_with_its_coefficients() -> None:
    beta, alpha = MomentumODE(damping=1.0).coefficients(0.1)
    found = trajectory(MomentumODE(learning_rate=0.1, damping=1.0), square, START, 10)
    expected = trajectory(SGD(learning_rate=float(alpha), momentum=float(beta)), square, START, 10)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_momentum_ode_follows_the_oscillator_also_with_a_schedule() -> None:
    """w'' + w' = -2 w from rest: exp(-t / 2) (cos(a t) + sin(a t) / (2 a)), a = sqrt(7) / 2."""
    options = MomentumODE(learning_rate=0.02, damping=1.0, schedule=Linear(final=0.5))
    steps, a = 200, math.sqrt(7) / 2
    values = trajectory(options, square, 1.0, steps)
    time = np.cumsum(0.02 * (1 - 0.5 * np.arange(steps) / (steps - 1)))
    # The first half step from rest is a whole one, so the trajectory is half a step ahead.
    time += 0.01
    exact = np.exp(-time / 2) * (np.cos(a * time) + np.sin(a * time) / (2 * a))
    np.testing.assert_allclose(values, exact, atol=0.01)


def test_schedule_free_evaluates_with_the_mean_of_the_iterates() -> None:
    options = ScheduleFreeAdamW(learning_rate=0.1, beta_1=0.8, beta_2=0.9, epsilon=1e-3, weight_decay=0.1)
    learner = WeightLearner(square, START)
    update = update_of(learner, options)
    weight = learner.model.trainable_variables[0]
    step = TrainStep(learner, [update])
    with step.evaluating():
        np.testing.assert_array_equal(weight.numpy(), START)
    y = z = x = START.astype(np.float64)
    v = np.zeros(3)
    for t in range(1, 6):
        update([BATCH])
        g = 2 * y
        y = y - 0.1 * 0.1 * y
        v = 0.9 * v + 0.1 * g**2
        x = (y - 0.2 * z) / 0.8  # decay acts on y alone
        z = z - 0.1 * g / (np.sqrt(v / (1 - 0.9**t)) + 1e-3)
        x = x + (z - x) / t
        y = 0.2 * z + 0.8 * x
        np.testing.assert_allclose(weight.numpy(), y, rtol=1e-4)
        raw = weight.numpy()
        with step.evaluating():
            np.testing.assert_allclose(weight.numpy(), x, rtol=1e-4)
        np.testing.assert_array_equal(weight.numpy(), raw)


@pytest.mark.parametrize(
    "options", [Heun(), Polyak(), RMSpropScalar(), MomentumODE(learning_rate=0.1), ScheduleFreeAdamW()]
)
def test_all_state_is_in_the_variables(options: Heun) -> None:
    """A fresh optimizer with the variables of another one goes on with it, bit for bit."""
    learners = [WeightLearner(square, START), WeightLearner(square, START)]
    updates = [update_of(learner, options) for learner in learners]
    for _ in range(2):
        updates[0]([BATCH])
    saved, fresh = (
        [*update.optimizer.variables, *(v for trick in update.tricks for v in trick.variables), *weights]
        for update, weights in ((u, lr.model.variables) for u, lr in zip(updates, learners, strict=True))
    )
    for variable, value in zip(fresh, saved, strict=True):
        variable.assign(value.numpy())
    for update in updates:
        update([BATCH])
    for one, other in zip(saved, fresh, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())


def test_they_are_optimizers_of_keras() -> None:
    assert isinstance(Heun().build(None), keras.optimizers.SGD)
