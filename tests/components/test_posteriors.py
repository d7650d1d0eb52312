"""Posteriors: the scales of the article, normalized moments, and the bound on the KL that follows from them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.components.posteriors.batch_norm_layer import BatchNormPosterior
from nlpx.components.posteriors.gaussian_layer import GaussianPosterior
from nlpx.models.vae import gaussian_kl


def built(spread: bool = False, units: int = 3, tau: float = 0.5) -> BatchNormPosterior:
    layer = BatchNormPosterior(units, tau, spread)
    layer.build((None, 5))
    return layer


def hidden(rows: int = 64, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(2.0, 3.0, size=(rows, 5)).astype(np.float32)


def test_the_gaussian_is_two_dense_layers() -> None:
    layer, h = GaussianPosterior(3), hidden()
    mean, log_var = layer(h)
    for values, dense in ((mean, layer.mean), (log_var, layer.log_var)):
        kernel, bias = dense.get_weights()
        np.testing.assert_allclose(values, h @ kernel + bias, rtol=1e-5, atol=1e-5)
    assert layer.count_params() == 2 * (5 * 3 + 3)


@pytest.mark.parametrize(
    ("theta", "of_mean", "of_deviation"),
    [(0.0, 0.866025, 0.5), (2.0, 0.969741, 0.244134), (-2.0, 0.748065, 0.663625)],
)
def test_f22_scales_of_the_article(theta: float, of_mean: float, of_deviation: float) -> None:
    layer = built()
    layer.theta.assign([theta] * 3)
    np.testing.assert_allclose(layer.scales(), [[of_mean] * 3, [of_deviation] * 3], atol=1e-6)


@given(st.floats(-20, 20), st.floats(0.01, 0.99))
def test_squares_of_the_scales_add_up_to_one(theta: float, tau: float) -> None:
    layer = built(tau=tau)
    layer.theta.assign([theta] * 3)
    of_mean, of_deviation = map(np.asarray, layer.scales())
    np.testing.assert_allclose(of_mean**2 + of_deviation**2, 1.0, atol=1e-5)
    assert (of_mean**2 >= tau - 1e-6).all()


@pytest.mark.parametrize("spread", [False, True])
def test_moments_over_a_batch_are_those_of_the_scales(spread: bool) -> None:
    layer = built(spread)
    layer.theta.assign([0.0, 2.0, -2.0])
    of_mean, of_deviation = map(np.asarray, layer.scales())
    mean, log_var = (np.asarray(x, np.float64) for x in layer(hidden(), training=True))
    np.testing.assert_allclose(mean.mean(0), 0.0, atol=1e-5)
    np.testing.assert_allclose((mean**2).mean(0), of_mean**2, rtol=1e-4)
    if spread:
        np.testing.assert_allclose(np.exp(log_var).mean(0), of_deviation**2, rtol=1e-3)
        np.testing.assert_allclose((mean**2 + np.exp(log_var)).mean(0), 1.0, rtol=1e-3)


@pytest.mark.parametrize("spread", [False, True])
def test_the_kl_cannot_vanish(spread: bool) -> None:
    """Whatever the encoder says: in the mean at least half the square of the scale, in every dimension."""
    for seed in range(5):
        layer = built(spread)
        layer.theta.assign(np.random.default_rng(seed).normal(size=3))
        kl = np.asarray(gaussian_kl(*layer(0.01 * hidden(seed=seed), training=True)))
        least = np.asarray(layer.scales()[0]) ** 2 / 2
        assert (kl.mean(0) >= least - 1e-4).all()


@pytest.mark.parametrize("spread", [False, True])
def test_missing_rows_count_for_nothing(spread: bool) -> None:
    h, rows = hidden(), np.arange(64) < 40
    one, other = built(spread), built(spread)
    other.set_weights(one.get_weights())
    garbage = np.where(rows[:, None], h, 1e4)
    expected = one(h[:40], rows=np.ones(40, bool), training=True)
    found = other(garbage, rows=rows, training=True)
    for alone, among in zip(expected, found, strict=True):
        np.testing.assert_allclose(np.asarray(among)[:40], alone, rtol=1e-4, atol=1e-4)
    for left, right in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(left, right, rtol=1e-5, atol=1e-6)
