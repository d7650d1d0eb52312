"""Changes of images."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from nlpx.data.augmentation import (
    MODES,
    Change,
    Mode,
    draw_splice,
    mask_quadrant,
    rotate,
    splice,
    splice_mask,
    zoom,
)

RANDOM = np.random.default_rng(1)
IMAGE = RANDOM.integers(1, 256, (24, 24, 3)).astype(np.uint8)
OTHER = RANDOM.integers(1, 256, (24, 24, 3)).astype(np.uint8)


@pytest.mark.parametrize("degrees", [-90, 90, 180, 270])
def test_right_angles_are_those_of_numpy(degrees: int) -> None:
    assert (rotate(IMAGE, degrees) == np.rot90(IMAGE, degrees // 90)).all()


@pytest.mark.parametrize("degrees", [-10, -3.3, 7, 10])
def test_rotation_is_that_of_scipy(degrees: float) -> None:
    expected = ndimage.rotate(IMAGE, degrees, axes=(0, 1), reshape=False, order=0, mode="constant")
    # Along the border the two disagree about what lies half a pixel outside.
    inside = slice(3, -3)
    assert (rotate(IMAGE, degrees) == expected)[inside, inside].all()


def test_what_rotation_uncovers_is_black() -> None:
    turned = rotate(IMAGE, 10)
    assert (turned[0, 0] == 0).all()
    assert turned[12, 12].any()


@pytest.mark.parametrize("factor", [1.0, 1.1, 1.2])
def test_a_larger_image_is_cut(factor: float) -> None:
    new = round(24 * factor)
    nearest = ((np.arange(new) + 0.5) * 24 / new).astype(int)
    whole = IMAGE[nearest][:, nearest]
    for place, start in (((0.0, 0.0), 0), ((0.999, 0.999), new - 24)):
        cut = zoom(IMAGE, factor, place, OTHER)
        assert (cut == whole[start : start + 24, start : start + 24]).all()


def test_a_smaller_image_lies_on_the_other() -> None:
    pasted = zoom(IMAGE, 0.5, (0.0, 0.999), OTHER)
    assert (pasted[:12, 12:] == IMAGE[1::2, 1::2]).all()
    assert (pasted[12:] == OTHER[12:]).all()
    assert (pasted[:12, :12] == OTHER[:12, :12]).all()


@given(size=st.integers(2, 40), mode=st.sampled_from(MODES), data=st.data())
def test_both_parts_of_a_splice_make_the_whole(size: int, mode: Mode, data: st.DataObject) -> None:
    mask = splice_mask(size, mode, data.draw(st.integers(0, size)))
    ones, zeros = np.ones((size, size, 3), np.uint8), np.zeros((size, size, 3), np.uint8)
    first, second = np.where(mask[..., None], ones, zeros), np.where(mask[..., None], zeros, ones)
    assert (first + second == 1).all()
    if "diagonal" in mode:
        assert mask.sum() == size * (size + 1) // 2  # one triangle has the diagonal, the other has not


def test_diagonals_are_those_of_numpy() -> None:
    assert (splice_mask(9, "main_diagonal", 0) == np.tri(9, dtype=bool)).all()
    assert (splice_mask(9, "anti_diagonal", 0) == np.tri(9, dtype=bool)[:, ::-1]).all()


def test_stacks_take_top_and_left_of_the_first() -> None:
    stacked = splice(IMAGE, OTHER, "vertical", 10)
    assert (stacked[:10] == IMAGE[:10]).all()
    assert (stacked[10:] == OTHER[10:]).all()
    beside = splice(IMAGE, OTHER, "horizontal", 10)
    assert (beside[:, :10] == IMAGE[:, :10]).all()
    assert (beside[:, 10:] == OTHER[:, 10:]).all()


def test_cuts_lie_in_the_middle_half() -> None:
    ones, zeros = np.ones((299, 299, 3), np.uint8), np.zeros((299, 299, 3), np.uint8)
    random = np.random.default_rng(0)
    shares, modes = [], set()
    for _ in range(200):
        drawn = draw_splice(ones, zeros, random)[..., 0]
        modes.add((drawn[0].all() and not drawn[-1].any(), drawn[:, 0].all() and not drawn[:, -1].any()))
        shares.append(drawn.mean())
    assert min(shares) >= 74 / 299 and max(shares) < 224 / 299
    assert len(modes) == 3  # stacked, beside, and the diagonals, which are neither


@pytest.mark.parametrize("quadrant", range(4))
def test_a_quarter_becomes_black(quadrant: int) -> None:
    masked = mask_quadrant(IMAGE, quadrant)
    rows, columns = (
        slice(12 * (quadrant // 2), 12 * (quadrant // 2) + 12),
        slice(12 * (quadrant % 2), 12 * (quadrant % 2) + 12),
    )
    assert not masked[rows, columns].any()
    assert (masked == 0).all(axis=-1).sum() == 144
    assert IMAGE.all()  # the image itself is left alone


def test_numbers_are_drawn_as_often_as_the_article_says() -> None:
    random = np.random.default_rng(0)
    full = [Change.draw(random, full=True) for _ in range(4000)]
    light = [Change.draw(random, full=False) for _ in range(1000)]
    assert all(change.angle == 0 and change.quadrant is None for change in light)
    assert abs(np.mean([change.flip for change in full]) - 0.5) < 0.03
    for quadrant in range(4):
        assert abs(np.mean([change.quadrant == quadrant for change in full]) - 0.125) < 0.02
    assert -10 <= min(c.angle for c in full) < -9.9 and 9.9 < max(c.angle for c in full) <= 10
    for changes in (full, light):
        assert 0.8 <= min(c.zoom for c in changes) < 0.81 and 1.19 < max(c.zoom for c in changes) <= 1.2


def test_a_change_that_changes_nothing() -> None:
    assert (Change()(IMAGE, OTHER) == IMAGE).all()
    assert (Change(flip=True)(IMAGE, OTHER) == IMAGE[:, ::-1]).all()
    assert (Change(flip=True, quadrant=0)(IMAGE, OTHER) == mask_quadrant(IMAGE[:, ::-1], 0)).all()
