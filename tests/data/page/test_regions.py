"""Regions: distances beside all pairs of points, growth and outlines by hand, lines in reading order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlpx.data.page import regions
from nlpx.data.page.box import Box
from nlpx.data.page.layout import UnfitPage
from nlpx.data.page.regions import (
    distances,
    filled_boxes,
    grown_to_neighbours,
    outline_share,
    trimmed_boxes,
)
from nlpx.data.page.rows import joined

boxes = st.builds(Box, st.integers(0, 30), st.integers(0, 30), st.integers(1, 9), st.integers(1, 9))


@given(boxes, boxes)
@settings(deadline=None)
def test_distance_is_the_smallest_of_all_points(one: Box, other: Box) -> None:
    """Points of both rectangles on a grid, edges included."""
    ys, xs = np.meshgrid(np.arange(one.top, one.bottom + 1), np.arange(one.left, one.right + 1))
    us, vs = np.meshgrid(np.arange(other.top, other.bottom + 1), np.arange(other.left, other.right + 1))
    apart = (ys.ravel()[:, None] - us.ravel()) ** 2 + (xs.ravel()[:, None] - vs.ravel()) ** 2
    (found,) = distances(one, np.array([other], float))
    assert found == apart.min() == distances(other, np.array([one], float))[0]


@given(boxes, st.sampled_from([1, 2, 4, 5]))
@settings(deadline=None)
def test_a_smaller_box_covers_the_pixels(box: Box, zoom: int) -> None:
    page = np.zeros((40, 40), bool)
    box.of(page)[:] = True
    covered = page.reshape(40 // zoom, zoom, 40 // zoom, zoom).any((1, 3))
    expected = np.zeros_like(covered)
    box.smaller(zoom).of(expected)[:] = True
    np.testing.assert_array_equal(covered, expected)


def mask_of(*found: tuple[int, int, int, int], shape: tuple[int, int] = (60, 120)) -> np.ndarray:
    mask = np.zeros(shape, bool)
    for box in found:
        Box(*box).of(mask)[:] = True
    return mask


def test_growth_by_hand() -> None:
    """A shorter edge of 20 reaches 5 pixels: the left box grows by 5 to the right, and the right one back."""
    near = mask_of((10, 10, 20, 20), (10, 35, 20, 20))
    np.testing.assert_array_equal(grown_to_neighbours(near), mask_of((10, 10, 20, 45)))
    apart = mask_of((10, 10, 20, 20), (10, 36, 20, 20))
    np.testing.assert_array_equal(grown_to_neighbours(apart), apart)
    below = mask_of((2, 10, 18, 18), (23, 10, 18, 18))
    np.testing.assert_array_equal(grown_to_neighbours(below), below)
    grown = grown_to_neighbours(below, heighten=1 / 6)
    np.testing.assert_array_equal(grown, mask_of((2, 10, 39, 18)))
    alone = mask_of((10, 10, 20, 20))
    np.testing.assert_array_equal(grown_to_neighbours(alone), alone)
    edge = mask_of((10, 97, 20, 20), (10, 119, 20, 1))
    np.testing.assert_array_equal(grown_to_neighbours(edge)[10:30, 97:], np.ones((20, 23), bool))


def test_trimmed_boxes() -> None:
    ink = mask_of((10, 10, 20, 5), (10, 30, 20, 5), (40, 10, 4, 30))
    mask = mask_of((5, 5, 30, 60), (38, 5, 8, 60))
    np.testing.assert_array_equal(trimmed_boxes(ink, mask, 5), mask_of((10, 10, 20, 25)))
    np.testing.assert_array_equal(filled_boxes(np.eye(60, 120, dtype=bool)), mask_of((0, 0, 60, 60)))


def test_outline_share_by_hand() -> None:
    """A stroke of height h and width w inside paper touches 2 (h + w) squares of 2 x 2."""
    ink = mask_of((20, 30, 12, 3))
    assert outline_share(ink) == pytest.approx(2 * (12 + 3) / 36)
    assert outline_share(np.ones((5, 5), bool)) == 0 == outline_share(np.zeros((5, 5), bool))
    assert outline_share(np.ones((1, 1), bool)) == 0


def test_too_many_areas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regions, "MOST", 2)
    with pytest.raises(UnfitPage, match="3 areas could be text, of which at most 2 are merged"):
        grown_to_neighbours(mask_of((1, 1, 2, 2), (9, 9, 2, 2), (20, 20, 2, 2)))


def test_lines_in_reading_order() -> None:
    """Two columns of two lines, of which one has a hole of a character, and a comma at its end."""
    left, right = Box(10, 10, 20, 40), Box(12, 74, 18, 20)
    far, below = Box(11, 200, 20, 30), Box(40, 10, 20, 100)
    comma = Box(26, 97, 4, 3)
    assert joined([below, far, right, left], [comma]) == [Box(10, 10, 20, 90), far, below]
    assert joined([left, right], gap=1.0) == [left, right]
    assert joined([]) == []
