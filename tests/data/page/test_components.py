"""What may be text: beside a flood fill, counted pixel by pixel, and with cases by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlpx.data.glyphs import trimmed
from nlpx.data.page.components import (
    components,
    pooled,
    without_counters,
    without_graphics,
    withstanding_erosion,
)

Pixels = set[tuple[int, int]]


def flooded(mask: np.ndarray) -> list[Pixels]:
    """The components of a mask, pixel by pixel."""
    rest = {(int(y), int(x)) for y, x in np.argwhere(mask)}
    found = []
    while rest:
        component, stack = set(), [rest.pop()]
        while stack:
            y, x = stack.pop()
            component.add((y, x))
            near = {(y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)} & rest
            rest -= near
            stack += near
        found.append(component)
    return found


def drawn(pixels: Pixels, shape: tuple[int, ...]) -> np.ndarray:
    mask = np.zeros(shape, bool)
    for place in pixels:
        mask[place] = True
    return mask


def masks() -> st.SearchStrategy[np.ndarray]:
    return st.builds(
        lambda seed, share: np.random.default_rng(seed).random((11, 13)) < share,
        st.integers(0, 10**6),
        st.sampled_from([0.0, 0.2, 0.4, 0.7, 1.0]),
    )


@given(masks())
@settings(deadline=None, max_examples=40)
def test_components_are_those_of_a_flood_fill(mask: np.ndarray) -> None:
    labels, areas, boxes = components(mask)
    own = [{(int(y), int(x)) for y, x in np.argwhere(labels == i + 1)} for i in range(len(boxes))]
    assert sorted(map(sorted, own)) == sorted(map(sorted, flooded(mask)))
    assert areas.tolist() == [int((~mask).sum()), *map(len, own)]
    for pixels, box in zip(own, boxes, strict=True):
        rows, columns = zip(*pixels, strict=True)
        assert (box.top, box.left, box.bottom - 1, box.right - 1) == (
            min(rows),
            min(columns),
            max(rows),
            max(columns),
        )


@given(masks(), st.floats(0, 0.5), st.floats(0.5, 1))
@settings(deadline=None, max_examples=40)
def test_erosion_pixel_by_pixel(mask: np.ndarray, low: float, high: float) -> None:
    expected: Pixels = set()
    for component in flooded(mask):
        left = sum(
            all(place in component for place in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)))
            for y, x in component
        )
        if low <= left / len(component) <= high:
            expected |= component
    np.testing.assert_array_equal(withstanding_erosion(mask, low, high), drawn(expected, mask.shape))


def test_erosion_by_hand() -> None:
    """Of a rectangle of h x w, (h - 2) (w - 2) pixels are left: lines and large areas go."""
    mask = np.zeros((120, 120), bool)
    mask[2, 2:80] = True  # a line: nothing is left
    mask[10:15, 10:20] = True  # 24 of 50
    mask[20:100, 20:100] = True  # 6,084 of 6,400: 0.95
    kept = withstanding_erosion(mask)
    assert kept.sum() == 50 and kept[10:15, 10:20].all()


@given(st.integers(0, 10**6))
@settings(deadline=None, max_examples=30)
def test_pooling_pixel_by_pixel(seed: int) -> None:
    random = np.random.default_rng(seed)
    numbers = (random.integers(1, 4, (11, 13)) * (random.random((11, 13)) < 0.4)).astype(np.uint8)
    expected: Pixels = set()
    for component in flooded(numbers > 0):
        counts = [sum(numbers[place] == layer for place in component) for layer in (1, 2, 3)]
        best = counts.index(max(counts)) + 1
        expected |= {place for place in component if numbers[place] == best}
    np.testing.assert_array_equal(pooled(numbers), drawn(expected, numbers.shape))


def test_the_paper_inside_an_outline_goes() -> None:
    """回: a frame of the layer 1, paper of the layer 2 with a seam around it, and a square of the layer 1."""
    numbers = np.zeros((200, 200), np.uint8)
    numbers[10:30, 10:30] = 1
    numbers[12:28, 12:28] = 0
    numbers[13:27, 13:27] = 2
    numbers[17:23, 17:23] = 1
    numbers[40:50, 40:50] = 2  # elsewhere
    expected = np.where(numbers == 2, 0, numbers)
    expected[40:50, 40:50] = 2
    for swap in ([0, 1, 2], [0, 2, 1]):  # light on dark, too
        layers = np.array(swap, np.uint8)[numbers]
        np.testing.assert_array_equal(without_counters(layers), np.array(swap)[expected])
    np.testing.assert_array_equal(without_counters(numbers, least=1e9), numbers)  # frames then
    assert not without_counters(np.zeros((3, 3), np.uint8)).any()


@pytest.mark.parametrize(
    ("what", "box", "inked", "stays"),
    [
        # On a page of 100 x 100: a p / b^2 = 24 * 10^4 / 60^2 = 66.
        ("character", (10, 10, 6, 10), 24, True),
        # A frame of 2 * (40 + 38): 156 * 10^4 / 1600^2 = 0.6.
        ("frame", (10, 10, 40, 40), None, False),
        # An area with one pixel less than its box of 900: 2 * 10^4 / 900^2 = 0.02.
        ("area", (10, 10, 30, 30), 899, False),
        # An isolated one: 1 + 0 pixels without ink of 12 x 1: 10^4 / 144 = 69, but full and alone.
        ("dash", (50, 50, 1, 12), 12, False),
    ],
)
def test_graphics_by_hand(what: str, box: tuple[int, int, int, int], inked: int | None, stays: bool) -> None:
    mask = np.zeros((100, 100), bool)
    top, left, height, width = box
    inside = mask[top : top + height, left : left + width]
    if inked is None:
        inside[[0, -1]] = inside[:, [0, -1]] = True
    else:
        inside[:, 0] = inside[0] = True  # connected whatever the rest is
        rest = np.argwhere(~inside)[: inked - int(inside.sum())]
        inside[tuple(rest.T)] = True
        assert inside.sum() == inked
    np.testing.assert_array_equal(without_graphics(mask), mask if stays else np.zeros_like(mask))


def test_strokes_side_by_side_stay() -> None:
    """Those of 川 or 二: six pixels apart, which is three widths, but less than their length."""
    mask = np.zeros((100, 100), bool)
    mask[50:62, 50:52] = mask[50:62, 58:60] = True
    for strokes in (mask, mask.T):
        np.testing.assert_array_equal(without_graphics(strokes), strokes)
        assert not without_graphics(strokes, square=False).any()
    assert not without_graphics(np.zeros((4, 4), bool)).any()


@given(masks(), st.floats(1, 40), st.floats(0.3, 1), st.booleans())
@settings(deadline=None, max_examples=40)
def test_graphics_pixel_by_pixel(mask: np.ndarray, least: float, fill: float, square: bool) -> None:
    kept = []
    for component in flooded(mask):
        inner = trimmed(drawn(component, mask.shape))
        area, box = len(component), inner.size
        if min(area, 1 + box - area) * mask.size / box**2 >= least:
            kept.append(component)
    union = drawn(set().union(*kept), mask.shape)
    expected: Pixels = set()
    for component in kept:
        rows, columns = zip(*component, strict=True)
        height, width = max(rows) - min(rows) + 1, max(columns) - min(columns) + 1
        down, right = (max(height, width),) * 2 if square else (height, width)
        window = union[
            max(min(rows) - down, 0) : max(rows) + 1 + down,
            max(min(columns) - right, 0) : max(columns) + 1 + right,
        ]
        if not (window.sum() == len(component) and len(component) > fill * height * width):
            expected |= component
    np.testing.assert_array_equal(without_graphics(mask, least, fill, square), drawn(expected, mask.shape))
