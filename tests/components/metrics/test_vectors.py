"""Metrics of distributions of vectors, against closed forms, SciPy and counting by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.linalg import sqrtm
from scipy.stats import wasserstein_distance

from nlpx.components.metrics.frechet_distance import FrechetDistance
from nlpx.components.metrics.mode_coverage import ModeCoverage
from nlpx.components.metrics.sliced_wasserstein import SlicedWasserstein
from nlpx.data.points import Cloud, draw
from tests.components.metrics.measuring import measure


def examples(
    real: np.ndarray, generated: np.ndarray, modes: list[str] | None = None
) -> list[SimpleNamespace]:
    return [
        SimpleNamespace(real_vector=tuple(a), generated_vector=tuple(b), mode=mode)
        for a, b, mode in zip(real, generated, modes or [""] * len(real), strict=True)
    ]


def test_sliced_wasserstein_in_one_dimension_is_wasserstein() -> None:
    rng = np.random.default_rng(0)
    one, two = rng.normal(size=(80, 1)), rng.gamma(2.0, size=(80, 1))
    found = measure(SlicedWasserstein(projections=5), examples(one, two))["sliced_wasserstein"]
    assert found == pytest.approx(wasserstein_distance(one[:, 0], two[:, 0]))


def test_sliced_wasserstein_of_a_shift() -> None:
    """The mean of |<u, shift>| over the circle is 2 / pi * |shift|; the order of the points is irrelevant."""
    points = np.random.default_rng(0).normal(size=(50, 2))
    moved = points[::-1] + np.array([0.6, 0.8])
    found = measure(SlicedWasserstein(projections=20_000), examples(points, moved))["sliced_wasserstein"]
    assert found == pytest.approx(2 / np.pi, rel=0.01)
    assert measure(SlicedWasserstein(), examples(points, points[::-1]))["sliced_wasserstein"] == 0


def test_frechet_distance_is_the_formula() -> None:
    rng = np.random.default_rng(0)
    one, two = rng.normal(size=(200, 4)), rng.normal(size=(200, 4)) @ rng.normal(size=(4, 4)) + 1
    c1, c2 = np.cov(one, rowvar=False), np.cov(two, rowvar=False)
    expected = ((one.mean(0) - two.mean(0)) ** 2).sum() + np.trace(c1 + c2 - 2 * sqrtm(c1 @ c2).real)
    assert measure(FrechetDistance(), examples(one, two)) == {"frechet_distance": pytest.approx(expected)}
    shifted = measure(FrechetDistance(), examples(one, one + np.array([3, 0, 4, 0])))
    assert shifted == {"frechet_distance": pytest.approx(25)}


def test_frechet_distance_of_vectors_in_a_plane() -> None:
    """A singular covariance has no effect on the root."""
    flat = np.random.default_rng(0).normal(size=(30, 2)) @ np.ones((2, 3))
    assert measure(FrechetDistance(), examples(flat, flat[::-1]))["frechet_distance"] < 1e-6


def test_modes_are_counted() -> None:
    """Two modes with a standard deviation of 1 around (0, 0) and (10, 0); three standard deviations count."""
    corners = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]], float)
    real = np.concatenate([corners, corners + np.array([10, 0])])
    generated = np.array([[0, 2.9], [0, 3.1], [2, 2], [5, 0], [12.9, 0], [0, 0], [7.1, 0], [50, 50]])
    found = measure(ModeCoverage(), examples(real, generated, ["a"] * 4 + ["b"] * 4))
    assert found == {"modes_covered": 2.0, "high_quality": 5 / 8}
    found = measure(ModeCoverage(fewest=3), examples(real, generated, ["a"] * 4 + ["b"] * 4))
    assert found["modes_covered"] == 1.0
    assert measure(ModeCoverage(), examples(real, generated)) == {}


@pytest.mark.parametrize(("cloud", "modes"), [("ring", 8), ("grid", 25)])
def test_real_points_cover_all_modes(cloud: Cloud, modes: int) -> None:
    real, other = (list(draw(cloud, 4000, [seed])) for seed in (1, 2))
    found = measure(
        ModeCoverage(fewest=50),
        examples(np.array([p[:2] for p in real]), np.array([p[:2] for p in other]), [p[2] for p in real]),
    )
    assert found["modes_covered"] == modes
    assert found["high_quality"] == pytest.approx(1 - np.exp(-4.5), abs=0.006)
