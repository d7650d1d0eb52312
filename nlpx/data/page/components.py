"""Select connected components of a page that may be text: by erosion, by layer, by density, by isolation."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from nlpx.data.page.box import Box

EIGHT = np.ones((3, 3), bool)
"""Neighbours of a pixel, diagonal ones included."""


class Components(NamedTuple):
    """The connected components of a mask, where pixels also touch diagonally.

    Attributes:
        labels: the number of the component of every pixel, from 1, (H, W) int32; 0 outside the mask.
        areas: the number of pixels of every component, (n + 1,) int; the first one is that of the rest.
        boxes: their bounding boxes, in the order of the numbers.
    """

    labels: np.ndarray
    areas: np.ndarray
    boxes: list[Box]


def components(mask: np.ndarray) -> Components:
    """The connected components of a mask (H, W) bool."""
    labels, count = ndimage.label(mask, structure=EIGHT)
    areas = np.bincount(labels.ravel(), minlength=count + 1)
    return Components(labels, areas, [Box.between(*place) for place in ndimage.find_objects(labels)])


def withstanding_erosion(mask: np.ndarray, low: float = 0.1, high: float = 0.9) -> np.ndarray:
    """The components of which an erosion leaves neither too little nor too much, (H, W) bool.

    low <= area after the erosion / area before <= high

    Specks and thin lines vanish, and grounds lose nothing. The erosion removes pixels with one of four
    neighbours outside the mask or outside the page.

    Source: kexue.fm archive 3802. Its text names eight neighbours, its program uses four.
    """
    labels, areas, _ = components(mask)
    left = np.bincount(labels[ndimage.binary_erosion(mask)], minlength=len(areas))
    ratios = left / np.maximum(areas, 1)
    keep = (low <= ratios) & (ratios <= high)
    keep[0] = False
    return keep[labels]


def without_counters(layers: np.ndarray, least: float = 16.0) -> np.ndarray:
    """Remove what is in the holes of components of another layer, such as the paper inside 日.

    Components with larger boxes come first, so that the inner 口 of a 回 outlives the paper around it. A hole
    that goes takes nothing with it. Frames, of which a p / b^2 < least as in `without_graphics`, are ignored.

    Args:
        layers: the number of the layer of every pixel, (H, W) uint8; 0 stands for none.
        least: density of frames.

    Returns:
        A copy with 0 where something was removed.
    """
    kept = layers.copy()
    found = []
    for layer in np.unique(layers[layers > 0]):
        labels, areas, boxes = components(layers == layer)
        found += [
            (box, layer, box.of(labels) == number)
            for number, (area, box) in enumerate(zip(areas[1:], boxes, strict=True), start=1)
            if area * layers.size >= least * (box.height * box.width) ** 2
        ]
    for box, layer, own in sorted(found, key=lambda entry: -entry[2].size):
        around = box.of(kept)
        others = (around > 0) & (around != layer)
        if others.any() and around[own].any():
            around[others & ndimage.binary_fill_holes(own)] = 0
    return kept


def pooled(layers: np.ndarray) -> np.ndarray:
    """Join layers; every component of their union keeps its pixels of the layer with the most.

    This removes the seams between a character and its ground, which are layers of their own.

    Args:
        layers: the number of the layer of every pixel, (H, W) uint8; 0 stands for none.

    Returns:
        (H, W) bool. Of layers with equally many pixels, the darkest wins.

    Source: kexue.fm archive 3802.
    """
    inside = layers > 0
    labels, areas, _ = components(inside)
    count = int(layers.max(initial=0)) + 1
    counts = np.bincount(labels[inside] * count + layers[inside], minlength=len(areas) * count)
    return inside & (layers == counts.reshape(-1, count).argmax(1).astype(np.uint8)[labels])


def without_graphics(
    mask: np.ndarray, least: float = 16.0, fill: float = 0.75, square: bool = True
) -> np.ndarray:
    """The components that are neither wide lines or frames, nor large areas, nor isolated areas, (H, W) bool.

    A component of area a with a bounding box of b pixels, on a page of p pixels, goes if

    * a p / b^2 < least: little in a large box, as the lines of a table;
    * (1 + b - a) p / b^2 < least: a large box that is almost full;
    * a / b > fill, and the window around the box contains nothing else. It is larger by the longer edge of
      the box on every side, so that the strokes of 川 and 二 see each other; with `square` false, it has
      three widths and three heights, as in the archive.

    Source: kexue.fm archive 3802.
    """
    labels, areas, boxes = components(mask)
    sizes = np.array([box.height * box.width for box in boxes], np.float64)
    inked = areas[1:]
    scale = mask.size / np.maximum(sizes, 1) ** 2
    keep = np.concatenate([[False], np.minimum(inked, 1 + sizes - inked) * scale >= least])
    rest = keep[labels]
    alone = _around(rest, boxes, square) == inked
    keep[1:] &= ~(alone & (inked > fill * sizes))
    return keep[labels]


def _around(mask: np.ndarray, boxes: list[Box], square: bool) -> np.ndarray:
    """The number of pixels in the window around each box, (n,) int."""
    sums = np.pad(mask.cumsum(0, dtype=np.int32).cumsum(1, dtype=np.int32), [(1, 0), (1, 0)])
    tops, lefts, heights, widths = np.array(boxes, np.int64).reshape(-1, 4).T
    above, beside = (np.maximum(heights, widths),) * 2 if square else (heights, widths)
    bottoms = np.minimum(tops + heights + above, mask.shape[0])
    rights = np.minimum(lefts + widths + beside, mask.shape[1])
    tops, lefts = np.maximum(tops - above, 0), np.maximum(lefts - beside, 0)
    return sums[bottoms, rights] - sums[tops, rights] - sums[bottoms, lefts] + sums[tops, lefts]
