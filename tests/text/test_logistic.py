"""Logistic regression: the gradient vanishes at the minimum, and shares are reproduced."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from nlpx.text.logistic import LogisticRegression


@pytest.mark.parametrize("strength", [0.1, 10.0])
def test_the_gradient_vanishes(strength: float) -> None:
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(40, 5)), rng.integers(0, 3, 40)
    model = LogisticRegression.fit(csr_matrix(x), labels, 3, strength)
    residual = model(csr_matrix(x)) - np.eye(3)[labels]
    np.testing.assert_allclose(x.T @ residual + model.weights[:-1] / strength, 0, atol=2e-3)
    np.testing.assert_allclose(residual.sum(0), 0, atol=2e-3)


def test_one_feature_without_noise() -> None:
    x = np.array([[0.0], [0.0], [0.0], [1.0], [1.0]])
    labels = np.array([0, 0, 1, 1, 1])
    found = LogisticRegression.fit(csr_matrix(x), labels, 2, 1e9)(csr_matrix([[0.0], [1.0]]))
    # Nearly unbounded weights reproduce the shares of the classes.
    assert found[0, 1] == pytest.approx(1 / 3, abs=1e-2)
    assert found[1, 1] > 0.99
