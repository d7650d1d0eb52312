"""Adversarial moves against closed forms of linear and quadratic losses, and against loops over rows."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from nlpx.components.tricks.adversarial import Adversarial
from nlpx.components.tricks.perturbation import directions, norms
from nlpx.components.varying import at
from nlpx.errors import ConfigError
from tests.components.tricks.tapped import Evaluated, example, objective_of, part, tapped, vectors

CENTRE = vectors(3, 2, 4, seed=1)


def adversarial_loss(trick: Adversarial, function: object, x: tf.Tensor) -> float:
    terms = trick.objective(objective_of(function), [])({"vectors": x})  # type: ignore[arg-type]  # a lambda
    assert float(terms["plain_loss"].weight) == float(terms["adversarial_loss"].weight) == len(x)
    assert terms["adversarial_loss"].coefficient == trick.weight
    return float(terms["adversarial_loss"].sum)


@settings(max_examples=10)
@given(epsilon=st.floats(0.01, 5), seed=st.integers(0, 9))
def test_a_linear_loss_grows_by_epsilon_times_the_norm_of_its_slope(epsilon: float, seed: int) -> None:
    x, slope = vectors(3, 2, 4, seed=seed), CENTRE.numpy()
    found = adversarial_loss(Adversarial(epsilon=epsilon), lambda e: tf.reduce_sum(e * slope, (1, 2)), x)
    norm = np.sqrt((slope.astype(np.float64) ** 2).sum((1, 2)))
    expected = (x.numpy().astype(np.float64) * slope).sum() + epsilon * norm.sum()
    assert found == pytest.approx(expected, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize(("steps", "size"), [(1, None), (1, 0.2), (3, 0.2), (9, 0.2), (4, None)])
def test_steps_stay_in_the_ball(steps: int, size: float | None) -> None:
    """|x - c|^2 / 2 has the slope x - c, along which every step goes: (|x - c| + min(epsilon, steps * size))^2 / 2."""
    x = vectors(3, 2, 4)
    trick = Adversarial(epsilon=0.7, steps=steps, step_size=size)
    found = adversarial_loss(trick, lambda e: 0.5 * tf.reduce_sum(tf.square(e - CENTRE), (1, 2)), x)
    distance = np.sqrt(((x.numpy() - CENTRE.numpy()) ** 2).sum((1, 2)))
    expected = 0.5 * ((distance + min(0.7, steps * (size or 0.7))) ** 2).sum()
    assert found == pytest.approx(expected, rel=1e-5)


def test_epsilon_may_follow_a_schedule() -> None:
    x = vectors(3, 2, 4)
    warm = {"value": 0.8, "schedule": {"type": "constant", "warmup_steps": 4}}
    trick = Adversarial.model_validate({"type": "adversarial", "epsilon": warm})
    for step, epsilon in ((0, 0.16), (1, 0.32), (9, 0.8)):
        with at(step):
            found = adversarial_loss(trick, lambda e: 0.5 * tf.reduce_sum(tf.square(e), (1, 2)), x)
        distance = np.sqrt((x.numpy() ** 2).sum((1, 2)))
        assert found == pytest.approx(0.5 * ((distance + epsilon) ** 2).sum(), rel=1e-5)


def test_rows_by_themselves() -> None:
    """The move of a row with two texts is the same alone, and in a batch with more padding."""
    batch = example(4)
    evaluated = Evaluated(tapped(), Adversarial(epsilon=0.3))
    together = evaluated(batch)[0]["adversarial_loss"][0]
    alone = [evaluated(part(batch, slice(row, row + 1)))[0]["adversarial_loss"][0] for row in range(4)]
    assert together == pytest.approx(sum(alone), rel=1e-5)
    wider = {
        name: np.pad(array, [(0, 0), (0, 2)]) if array.ndim == 2 else array for name, array in batch.items()
    }
    assert evaluated(wider)[0]["adversarial_loss"][0] == pytest.approx(together, rel=1e-5)


@settings(max_examples=10)
@given(exponent=st.integers(-35, 35))
def test_scale_does_not_change_directions(exponent: int) -> None:
    """As that of a float16 loss; a row of zeros stays."""
    x = [vectors(2, 3, 4), vectors(2, 1, 4, seed=1)]
    x = [tensor * [[[1.0]], [[0.0]]] for tensor in x]
    found = directions([tensor * 10.0**exponent for tensor in x])
    for one, other in zip(found, directions(x), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(norms(found), [1, 0], rtol=1e-6)


def test_a_model_without_the_tap() -> None:
    with pytest.raises(ConfigError, match="the model has no tap `image`"):
        Evaluated(tapped(), Adversarial(at="image"))(example(2))
