"""Images of characters: in the middle, scaled to the frame, with noise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlpx.data.glyphs import SIZE, as_image, centred, framed, trimmed, with_noise


def box(height: int, width: int) -> np.ndarray:
    """Ink that fills a box, with white around it."""
    return np.pad(np.ones((height, width), bool), [(3, 5), (2, 1)])


def extent(ink: np.ndarray) -> tuple[int, int, int, int]:
    """The first row and column with ink, and height and width of the ink."""
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    return int(rows[0]), int(columns[0]), int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1


def test_trimmed() -> None:
    assert trimmed(box(4, 7)).shape == (4, 7)
    assert trimmed(np.zeros((5, 5), bool)).size == 0


@pytest.mark.parametrize(
    ("shift", "expected"), [((0, 0), (22, 21, 4, 6)), ((2, -3), (24, 18, 4, 6)), ((-23, 25), (0, 46, 3, 2))]
)
def test_centred_and_moved(shift: tuple[int, int], expected: tuple[int, int, int, int]) -> None:
    """What is moved out of the square is cut off."""
    assert extent(centred(trimmed(box(4, 6)), shift)) == expected


def test_moved_out_or_too_large() -> None:
    assert not centred(trimmed(box(4, 6)), (90, 0)).any()
    assert centred(np.ones((70, 50), bool)).all()


@given(height=st.integers(1, 90), width=st.integers(1, 90))
@settings(deadline=None, max_examples=50)
def test_the_longer_edge_fills_the_frame(height: int, width: int) -> None:
    """46 pixels, with the same proportions and in the middle."""
    top, left, high, wide = extent(framed(box(height, width)))
    assert max(high, wide) == SIZE - 2
    assert high / wide == pytest.approx(height / width, abs=1.1 / min(high, wide) * max(high / wide, 1))
    assert abs(2 * top + high - SIZE) <= 1 and abs(2 * left + wide - SIZE) <= 1


def test_small_characters_of_a_line_stay_small() -> None:
    assert extent(framed(box(10, 5), height=40))[2:] == (12, 6)
    assert extent(framed(box(40, 60), height=40))[2:] == (31, 46)
    assert not framed(np.zeros((4, 4), bool)).any()


def test_nearest_pixels() -> None:
    """Twice as large: every pixel becomes four."""
    ink = np.random.default_rng(0).random((23, 23)) < 0.5
    ink[[0, -1]] = ink[:, [0, -1]] = True
    np.testing.assert_array_equal(framed(ink)[1:-1, 1:-1], np.kron(ink, np.ones((2, 2), bool)))


def test_noise_and_images() -> None:
    ink = box(20, 20)
    noisy = with_noise(ink, 0.15, np.random.default_rng(1))
    assert 0.1 < (noisy != ink).mean() < 0.2
    np.testing.assert_array_equal(noisy, with_noise(ink, 0.15, np.random.default_rng(1)))
    image = as_image(ink)
    assert image.dtype == np.uint8 and image.shape == (*ink.shape, 3)
    np.testing.assert_array_equal(image[..., 1] == 0, ink)
