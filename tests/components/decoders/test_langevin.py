"""Langevin sampling of energies whose stationary densities are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kstest

from nlpx.components.decoders.langevin import Langevin

CHAINS = 2500


def square(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """U = |x|^2 / 2, of a normal distribution."""
    return np.square(x).reshape(len(x), -1).sum(1) / 2, x


def drawn(sampler: Langevin, shape: tuple[int, ...] = (1,), count: int = CHAINS) -> np.ndarray:
    start = np.random.default_rng(0).normal(size=(count, *shape))
    return sampler.sample(start, square, [[7, i] for i in range(count)])


@pytest.mark.parametrize("step_size", [0.5, 1.5])
def test_f23_variances_with_and_without_acceptance(step_size: float) -> None:
    """Of U = x^2 / 2; the proposal density of the article gives 2.64 and 0.888."""
    sampler = Langevin(steps=40, step_size=step_size)
    adjusted = drawn(sampler)[:, 0]
    assert adjusted.var() == pytest.approx(1.0, abs=0.09)
    assert kstest(adjusted, "norm").pvalue > 0.01
    free = drawn(sampler.model_copy(update={"adjusted": False}))
    assert free.var() == pytest.approx(1 / (1 - step_size / 4), rel=0.09)


def test_several_dimensions_are_accepted_together() -> None:
    points = drawn(Langevin(steps=40, step_size=0.5), (2, 3), 1500)
    assert points.shape == (1500, 2, 3) and points.dtype == np.float32
    assert np.cov(points.reshape(1500, 6), rowvar=False) == pytest.approx(np.eye(6), abs=0.13)


def test_a_density_with_two_modes() -> None:
    """U = (x^2 - 1)^2 against numerical integration."""

    def energy(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return ((x**2 - 1) ** 2).sum(1), 4 * x * (x**2 - 1)

    start = np.random.default_rng(1).normal(size=(1500, 1))
    found = Langevin(steps=80, step_size=0.3).sample(start, energy, [[i] for i in range(1500)])[:, 0]
    x = np.linspace(-4, 4, 8001)
    p = np.exp(-((x**2 - 1) ** 2))
    cdf = np.cumsum(p) / p.sum()
    assert kstest(found, lambda values: np.interp(values, x, cdf)).pvalue > 0.01


def test_a_chain_does_not_depend_on_the_others() -> None:
    sampler = Langevin(steps=5, step_size=0.5)
    start = np.random.default_rng(0).normal(size=(6, 2)).astype(np.float32)
    seeds = [[3, i] for i in range(6)]
    whole = sampler.sample(start, square, seeds)
    np.testing.assert_array_equal(sampler.sample(start[2:4], square, seeds[2:4]), whole[2:4])


def test_no_step_is_made_where_the_energy_is_infinite() -> None:
    def wall(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.where(np.abs(x[:, 0]) < 1, 0.0, np.inf), np.zeros_like(x)

    points = Langevin(steps=50, step_size=0.2).sample(np.zeros((200, 1)), wall, [[i] for i in range(200)])
    assert np.abs(points).max() < 1 and points.var() == pytest.approx(1 / 3, abs=0.08)
