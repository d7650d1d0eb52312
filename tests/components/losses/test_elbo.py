"""The evidence lower bound: the closed form of the KL, sums by hand, annealing, free bits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.components.losses.elbo import ELBO
from nlpx.models.vae import gaussian_kl

MASK = np.array([[True, True], [True, True], [False, False]])
CE = np.array([[1.0, 2.0], [0.5, 0.25], [9.0, 9.0]], np.float32)
KL = np.array([[0.1, 0.4, 0.0], [1.0, 0.2, 0.3], [7.0, 7.0, 7.0]], np.float32)


def test_f8_value_of_one_dimension() -> None:
    assert float(gaussian_kl(np.float32(0.5), np.float32(-1.0))) == pytest.approx(0.3089397206, abs=1e-7)
    assert float(gaussian_kl(np.float32(0.0), np.float32(0.0))) == 0.0


@given(st.floats(-2, 2), st.floats(-2, 1))
def test_the_closed_form_is_the_mean_of_log_q_less_log_p(mean: float, log_var: float) -> None:
    """E_q(log q - log p) over equally likely quantiles of the normal distribution."""
    from scipy.stats import norm

    deviation = np.exp(log_var / 2)
    z = norm.ppf((np.arange(20_000) + 0.5) / 20_000, mean, deviation)
    expected = (norm.logpdf(z, mean, deviation) - norm.logpdf(z)).mean()
    assert float(gaussian_kl(np.float32(mean), np.float32(log_var))) == pytest.approx(expected, abs=1e-3)


def test_the_closed_form_agrees_with_random_numbers() -> None:
    rng = np.random.default_rng(0)
    mean, log_var = np.array([0.5, -1.2, 0.0]), np.array([-1.0, 0.3, 0.7])
    z = mean + np.exp(log_var / 2) * rng.normal(size=(400_000, 3))
    log_ratio = -0.5 * (log_var + (z - mean) ** 2 / np.exp(log_var)) + 0.5 * z**2
    expected = gaussian_kl(mean.astype(np.float32), log_var.astype(np.float32))
    np.testing.assert_allclose(log_ratio.mean(0), expected, atol=0.01)


@pytest.mark.parametrize(
    ("loss", "updates", "total"),
    [
        (ELBO(), 0, 3.0 + 0.5 + 0.75 + 1.5),
        (ELBO(reduction="mean"), 0, 1.5 + 0.5 + 0.375 + 1.5),
        (ELBO(beta=0.5), 0, 3.75 + 0.5 * 2.0),
        (ELBO(anneal=4), 0, 3.75 + 0.25 * 2.0),
        (ELBO(anneal=4, beta=2.0), 1, 3.75 + 2.0 * 0.5 * 2.0),
        (ELBO(anneal=4), 3, 3.75 + 2.0),
        (ELBO(anneal=4), 999, 3.75 + 2.0),
        (ELBO(free_bits=0.3), 0, 3.75 + (0.3 + 0.4 + 0.3) + (1.0 + 0.3 + 0.3)),
    ],
)
def test_by_hand(loss: ELBO, updates: int, total: float) -> None:
    terms = loss({"token_nll": CE, "kl": KL, "mask": MASK}, updates).values()
    assert sum(float(term.sum) * float(term.coefficient) for term in terms) == pytest.approx(total, rel=1e-6)
    assert [float(term.weight) for term in terms] == [2.0, 2.0]
