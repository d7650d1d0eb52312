"""Layers of grey levels: beside SciPy's estimate of the density and its peaks, and in closed form."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal, stats

from nlpx.data.page.components import components
from nlpx.data.page.grey_layers import density, grey_levels, layer_of, layers


def test_grey_levels_in_closed_form() -> None:
    """The darkest and lightest become 0 and 255; a third one is between them in proportion to the powers."""
    grey = np.array([[210, 220, 230]], np.uint8)
    pixels = np.repeat(grey[..., None], 3, axis=-1)
    assert grey_levels(pixels, zoom=1).tolist() == [[0, round(255 * 4300 / 8800), 255]]
    assert grey_levels(pixels, zoom=1, power=1).tolist() == [[0, 128, 255]]
    assert (grey_levels(255 - pixels, zoom=1) == grey_levels(pixels, zoom=1)).all()
    dark = grey_levels(255 - pixels, zoom=1, light=False)
    assert dark.tolist() == [[255, round(255 * (35**2 - 25**2) / (45**2 - 25**2)), 0]]


def test_a_pixel_becomes_exactly_a_square() -> None:
    """The box of ink in an enlarged page is that of the page, times the zoom."""
    pixels = np.full((20, 30, 3), 250, np.uint8)
    pixels[5:15, 6:24] = 0
    for zoom in (1, 2, 3):
        dark = grey_levels(pixels, zoom, power=1) < 128
        (ink,) = components(dark).boxes
        assert (dark.shape, ink) == ((20 * zoom, 30 * zoom), (5 * zoom, 6 * zoom, 10 * zoom, 18 * zoom))


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (5, 4)])
def test_one_colour(shape: tuple[int, int]) -> None:
    levels = grey_levels(np.full((*shape, 3), 91, np.uint8))
    assert levels.shape == (2 * shape[0], 2 * shape[1]) and not levels.any()
    borders, values = layers(density(levels))
    assert (borders.tolist(), values.tolist()) == ([], [0])


@given(st.integers(0, 10**6), st.floats(0.05, 1.0))
@settings(deadline=None, max_examples=20)
def test_density_is_that_of_scipy(seed: int, bandwidth: float) -> None:
    """Up to n - 1 in SciPy's variance, which the bandwidth undoes here."""
    random = np.random.default_rng(seed)
    levels = random.choice(random.integers(0, 256, 5).astype(np.uint8), (9, 11))
    levels[0, :2] = 3, 200
    n = levels.size
    expected = stats.gaussian_kde(levels.ravel(), bandwidth * np.sqrt((n - 1) / n))(np.arange(256))
    np.testing.assert_allclose(density(levels, bandwidth), expected, rtol=1e-9, atol=1e-300)


def test_two_levels_have_their_border_in_the_middle() -> None:
    """Equally many pixels at a and b: the density is symmetric around (a + b) / 2, and h = .2 (b - a) / 2."""
    levels = np.repeat(np.array([[40], [160]], np.uint8), 50, axis=1)
    found = density(levels)
    h = 0.2 * 60
    expected = (1 + np.exp(-(120**2) / (2 * h**2))) / (2 * h * np.sqrt(2 * np.pi))
    assert found[40] == pytest.approx(expected, rel=1e-12)
    borders, values = layers(found)
    assert (borders.tolist(), values.tolist()) == ([100], [40, 160])
    assert layer_of(np.array([[99, 100, 255]], np.uint8), borders).tolist() == [[1, 2, 2]]


@given(st.lists(st.integers(0, 4), min_size=2, max_size=40))
@settings(deadline=None)
def test_borders_and_values_alternate(heights: list[int]) -> None:
    """Minima and maxima with flat parts, beside `scipy.signal.find_peaks`."""
    found = np.array(heights, np.float64)
    borders, values = layers(found)
    np.testing.assert_array_equal(borders, signal.find_peaks(-found)[0])
    padded = np.pad(found, 1, constant_values=-np.inf)
    np.testing.assert_array_equal(values, signal.find_peaks(padded)[0] - 1)
    assert len(values) == len(borders) + 1
    assert all(a < b <= c for a, b, c in zip(values, borders, values[1:], strict=False))
