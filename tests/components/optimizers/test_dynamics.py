"""The examples of docs/dynamics.md: values of the articles, closed forms, and the optimizers of nlpx."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from scipy.integrate import solve_ivp

from nlpx.components.optimizers.polyak import Polyak
from nlpx.components.optimizers.rmsprop import RMSprop
from nlpx.components.optimizers.sgd import SGD
from tests.components.optimizers.weights import trajectory

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def dynamics(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    monkeypatch.delitem(sys.modules, "dynamics", raising=False)
    return __import__("dynamics")


def valley(w: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(tf.constant([1.0, 25.0]) * w**2) / 2


def test_the_pages_are_up_to_date(dynamics: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["dynamics.py", "--check"])
    dynamics.main()


def test_momentum_follows_the_oscillator_with_order_2(dynamics: Any) -> None:
    exact = solve_ivp(lambda t, x: [x[1], -x[1] - 2 * x[0]], (0, 8), [1, 0], rtol=1e-10, atol=1e-10).y[0, -1]
    assert dynamics.oscillator(1.0, 8.0)[-1][1] == pytest.approx(exact, abs=1e-8)
    errors = [abs(dynamics.momentum(step, 1.0, 8.0)[-1][1] - exact) for step in (0.1, 0.05)]
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.05)


@pytest.mark.parametrize("ratio", [0.25, 4.0])
def test_momentum_that_keeps_the_damping(dynamics: Any, ratio: float) -> None:
    """A learning rate of r alpha is the step of the square root of r: beta becomes 1 - (1 - beta) sqrt(r)."""
    beta, alpha = dynamics.momentum_of(0.01, 1.0)
    other, scaled = dynamics.momentum_of(0.01 * math.sqrt(ratio), 1.0)
    assert scaled == pytest.approx(ratio * alpha, rel=0.02)
    assert other == pytest.approx(1 - (1 - beta) * math.sqrt(ratio), abs=2e-4)


def test_the_two_forms_of_nesterov() -> None:
    """The gradient at w + beta v, and the form of frameworks in w + beta v."""
    beta, alpha, start = 0.9, 0.01, np.array([1.0, -0.5])
    options = SGD(learning_rate=alpha, momentum=beta, nesterov=True)
    found = trajectory(options, valley, start.astype(np.float32), 20)
    w, v = start, np.zeros(2)
    for moved in found:
        v = beta * v - alpha * np.array([1.0, 25.0]) * (w + beta * v)
        w = w + v
        np.testing.assert_allclose(moved, w + beta * v, rtol=1e-4, atol=1e-5)


def test_noise_makes_gradient_descent_sample_from_the_loss() -> None:
    """Langevin dynamics on w^2 / 2: the stationary density exp(-L / s^2) has the variance s^2."""
    random, step, scale = np.random.default_rng(0), 0.05, 0.7
    w = np.zeros(20_000)
    for _ in range(150):
        w += -step * w + scale * math.sqrt(2 * step) * random.normal(size=w.shape)
    assert w.var() == pytest.approx(scale**2 / (1 - step / 2), rel=0.03)


def test_the_limit_of_rmsprop_is_sign_descent(dynamics: Any) -> None:
    options = RMSprop(learning_rate=0.02, rho=0.0, epsilon=1e-14)
    found = trajectory(options, valley, dynamics.START.astype(np.float32), 40)
    np.testing.assert_allclose(found, dynamics.descend("RMSprop limit", 40)[1:], atol=1e-5)


def test_how_fast_the_loss_falls(dynamics: Any) -> None:
    """By the squared norm of the gradient, or its sum of absolute values."""

    def loss(w: np.ndarray) -> float:
        return float(dynamics.CURVATURE @ w**2) / 2

    slope = dynamics.CURVATURE * dynamics.START
    for way, norm in (("gradient", slope @ slope), ("RMSprop limit", np.abs(slope).sum())):
        middle = dynamics.START - dynamics.WAYS[way](slope, slope) * 1e-4
        assert loss(dynamics.START) - loss(middle) == pytest.approx(0.02 * norm * 1e-4, rel=1e-3)


def test_polyak_on_the_toy_of_the_article(dynamics: Any) -> None:
    """The printed expression, with powers as Python computes them; other forms round otherwise and part from it."""
    slope = lambda x: -9 + 30 * x - 21 * x**2 + 4 * x**3  # noqa: E731
    places = dynamics.polyak("printed", 5000, slope)
    assert next(i for i, x in enumerate(places) if abs(x - 0.40693) < 0.05) == 1600
    assert places[2500] == pytest.approx(0.4073934, abs=1e-7)
    assert places[5000] == pytest.approx(0.4069318, abs=1e-7)
    assert dynamics.toy(places[2500]) == pytest.approx(2.15e-6, rel=0.01)
    other = dynamics.polyak("rewritten", 5000, slope)
    assert other[2500] == pytest.approx(3.6408, abs=1e-4) and min(other) > 1
    assert abs(other[10] - places[10]) < 1e-12
    ends = dynamics.polyak("gradient", 5000)[-1]
    assert ends == pytest.approx(3, abs=1e-4) and dynamics.toy(ends) == pytest.approx(1.62276)


def test_the_optimizer_polyak_takes_this_step(dynamics: Any) -> None:
    toy = lambda x: x * (x - 1) * (x - 3) ** 2 + 1.62276  # noqa: E731
    found = trajectory(Polyak(learning_rate=0.01, limit=1000.0), toy, 4.0, 60)
    np.testing.assert_allclose(found, dynamics.polyak("printed", 60)[1:], rtol=1e-4)


def test_the_dirac_gan(dynamics: Any) -> None:
    """The ranges of the distance that the article's equations have; an average of the generator does not circle."""
    norms = {name: far[-dynamics.TURN :] for name, far in dynamics.dirac_norms().items()}
    assert (norms["no penalty"].min(), norms["no penalty"].max()) == (
        pytest.approx(0.134, abs=0.003),
        pytest.approx(0.222, abs=0.003),
    )
    early = np.linalg.norm(dynamics.dirac("zero", 40.0), axis=1)[-130:]
    assert 0.002 < early.min() < early.max() < 0.01
    assert 0.956 < norms["centre 1"].min() <= norms["centre 1"].max() < 1.005
    assert norms["no penalty, EMA"].max() < 0.02
