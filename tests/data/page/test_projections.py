"""Pages: which pixels are ink, lines, characters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlpx.data.glyphs import as_image
from nlpx.data.page.box import Box
from nlpx.data.page.ink import grey_of, ink_of, threshold
from nlpx.data.page.projections import characters, lines


@given(st.integers(0, 10**6), st.integers(1, 6))
@settings(deadline=None, max_examples=30)
def test_no_threshold_divides_better(seed: int, levels: int) -> None:
    """All thresholds one by one, with the definition of the variance between classes."""
    rng = np.random.default_rng(seed)
    grey = rng.choice(rng.integers(0, 256, levels).astype(np.uint8), (6, 7))

    def between(t: int) -> float:
        dark, light = grey[grey <= t].astype(float), grey[grey > t].astype(float)
        if not len(dark) or not len(light):
            return 0.0
        return len(dark) * len(light) * float(dark.mean() - light.mean()) ** 2

    found = threshold(grey)
    if len(np.unique(grey)) == 1:
        assert found == -1
    else:
        assert between(found) == pytest.approx(max(map(between, range(256))))


def test_ink_is_what_fewer_pixels_are() -> None:
    ink = np.zeros((9, 9), bool)
    ink[2:5, 3:6] = True
    for image in (as_image(ink), 255 - as_image(ink), (as_image(ink) // 5 + 90).astype(np.uint8)):
        np.testing.assert_array_equal(ink_of(image), ink)
    assert not ink_of(np.full((5, 5, 3), 77, np.uint8)).any()


def test_grey_of() -> None:
    colours = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]]], np.uint8)
    assert grey_of(colours).tolist() == [[76, 150, 29, 255]]


def drawn(*boxes: tuple[int, int, int, int], shape: tuple[int, int] = (60, 120)) -> np.ndarray:
    """Ink that fills boxes of top, left, height, width."""
    ink = np.zeros(shape, bool)
    for box in boxes:
        Box(*box).of(ink)[:] = True
    return ink


def test_lines() -> None:
    ink = drawn((3, 10, 20, 20), (5, 60, 10, 8), (40, 30, 5, 70))
    assert lines(ink) == [Box(3, 10, 20, 58), Box(40, 30, 5, 70)]
    assert lines(drawn()) == []


@pytest.mark.parametrize(
    ("boxes", "expected"),
    [
        # Square characters with gaps.
        ([(0, 20), (24, 20), (50, 18)], [(0, 22), (22, 25), (47, 21)]),
        # The three strokes of 川 between two squares.
        ([(0, 20), (24, 4), (32, 4), (40, 4), (48, 20)], [(0, 22), (22, 24), (46, 22)]),
        # Three characters that touch.
        ([(0, 60)], [(0, 20), (20, 20), (40, 20)]),
    ],
)
def test_characters(boxes: list[tuple[int, int]], expected: list[tuple[int, int]]) -> None:
    ink = drawn(*((10, 5 + left, 20, width) for left, width in boxes))
    (line,) = lines(ink)
    found = characters(ink, line)
    assert [(box.left - 5, box.width) for box in found] == expected
    assert {(box.top, box.height) for box in found} == {(10, 20)}
