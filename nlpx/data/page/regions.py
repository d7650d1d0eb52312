"""Merge the components of a page with their neighbours into regions of text."""

from __future__ import annotations

import numpy as np

from nlpx.data.glyphs import trimmed
from nlpx.data.page.box import Box
from nlpx.data.page.components import components
from nlpx.data.page.layout import UnfitPage

MOST = 20_000
"""Components whose neighbours are searched; the time grows with the square."""


def filled_boxes(mask: np.ndarray) -> np.ndarray:
    """A mask in which the bounding box of every component is full, (H, W) bool."""
    full = np.zeros_like(mask)
    for box in components(mask).boxes:
        box.of(full)[:] = True
    return full


def distances(box: Box, boxes: np.ndarray) -> np.ndarray:
    """Squared distances between the edges of a box and of others, 0 where they touch or overlap, (n,).

    d^2 = sum over both axes of max(0, |difference of the centres| - (length + other length) / 2)^2

    Args:
        boxes: the others, (n, 4): top, left, height, width.

    Source: kexue.fm archive 3818.
    """
    lengths = (boxes[:, 2:] + box[2:]) / 2
    apart = np.abs(boxes[:, :2] + boxes[:, 2:] / 2 - _centre(box)) - lengths
    return (np.maximum(apart, 0) ** 2).sum(1)


def grown_to_neighbours(
    mask: np.ndarray, reach: float = 0.25, widen: float = 0.25, heighten: float = 0.0
) -> np.ndarray:
    """A mask in which the boxes of components reach for their nearest neighbours, (H, W) bool.

    The box of a component with the shorter edge e grows towards its nearest neighbour if that is at most
    reach * e away: by `widen` widths if the neighbour is rather left or right, or by `heighten` heights if
    it is rather above or below.

    Raises:
        UnfitPage: there are too many components.

    Source: kexue.fm archive 3818, which also grows by 1/6 of the height; its program does not.
    """
    boxes = components(mask).boxes
    if len(boxes) > MOST:
        raise UnfitPage(
            f"{len(boxes):,} areas could be text, of which at most {MOST:,} are merged. Expected print, not "
            "a photograph"
        )
    grown, array = mask.copy(), np.array(boxes, np.float64).reshape(-1, 4)
    for number, box in enumerate(boxes if len(boxes) > 1 else ()):
        away = distances(box, array)
        away[number] = np.inf
        nearest = int(away.argmin())
        if away[nearest] <= (reach * min(box.height, box.width)) ** 2:
            _grown(box, boxes[nearest], widen, heighten, mask.shape).of(grown)[:] = True
    return grown


def _grown(box: Box, neighbour: Box, widen: float, heighten: float, shape: tuple[int, ...]) -> Box:
    """A box that grows in the direction of a neighbour, inside an image."""
    down, right = _centre(neighbour) - _centre(box)
    top, left, bottom, end = box.top, box.left, box.bottom, box.right
    if abs(right) <= abs(down):
        by = int(box.height * heighten)
        top, bottom = (top, min(bottom + by, shape[0])) if down > 0 else (max(top - by, 0), bottom)
    else:
        by = int(box.width * widen)
        left, end = (left, min(end + by, shape[1])) if right > 0 else (max(left - by, 0), end)
    return Box(top, left, bottom - top, end - left)


def trimmed_boxes(ink: np.ndarray, mask: np.ndarray, side: int) -> np.ndarray:
    """Every component of a mask as the full bounding box of its ink, if no edge is shorter than `side`."""
    labels, _, boxes = components(mask)
    full = np.zeros_like(mask)
    for number, box in enumerate(boxes, start=1):
        own = box.of(ink) & (box.of(labels) == number)
        inner = trimmed(own)
        if inner.size and min(inner.shape) >= side:
            top, left = int(own.any(1).argmax()), int(own.any(0).argmax())
            Box(box.top + top, box.left + left, *inner.shape).of(full)[:] = True
    return full


def outline_share(ink: np.ndarray) -> float:
    """Squares of 2 x 2 pixels with ink and paper, divided by the pixels of ink (H, W) bool; 0 without ink.

    A stroke of width w has about 2 / w; an area has almost none.

    Source: kexue.fm archive 3823.
    """
    corners = (ink[:-1, :-1], ink[1:, :-1], ink[:-1, 1:], ink[1:, 1:])
    mixed = np.logical_or.reduce(corners) & ~np.logical_and.reduce(corners)
    return float(mixed.sum() / max(ink.sum(), 1))


def _centre(box: Box) -> np.ndarray:
    """Row and column of the centre of a box, (2,)."""
    return np.array([box.top + box.height / 2, box.left + box.width / 2])
