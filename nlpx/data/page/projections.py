"""Cut a clean page into lines and lines into characters, by projections."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from nlpx.data.page.box import Box

WIDEST = 1.2
"""Width of a character in heights of its line: a gap closer than that to its neighbours is inside one."""


def lines(ink: np.ndarray) -> list[Box]:
    """The lines of a page (H, W) bool from the top: rows with ink between rows without."""
    found = []
    for top, bottom in _runs(np.any(ink, axis=1)):
        columns = np.flatnonzero(ink[top:bottom].any(0))
        left, right = int(columns[0]), int(columns[-1]) + 1
        found.append(Box(top, left, bottom - top, right - left))
    return found


def characters(ink: np.ndarray, line: Box) -> list[Box]:
    """The characters of a line of a page, from the left.

    The middles of gaps are candidates. A candidate is a cut if the next one is more than WIDEST heights away
    from the cut before it. What is longer than one and a half heights is cut evenly, as square characters.

    Source: kexue.fm archive 3823.
    """
    part = line.of(ink)
    gaps = [round((left + right) / 2) for left, right in _runs(~np.any(part, axis=0))]
    ends = [*gaps, line.width]
    cuts = [0]
    for candidate, following in pairwise(ends):
        if following - cuts[-1] > WIDEST * line.height:
            cuts.append(candidate)
    found = [
        Box(line.top, line.left + left, line.height, right - left)
        for start, end in pairwise([*cuts, line.width])
        for left, right in _even(start, end, line.height)
    ]
    return [box for box in found if box.of(ink).any()]


def _even(start: int, end: int, height: int) -> Iterator[tuple[int, int]]:
    """Parts of about the width of the height."""
    count = max(round((end - start) / height), 1)
    return pairwise(np.rint(np.linspace(start, end, count + 1)).astype(int).tolist())


def _runs(marks: np.ndarray) -> list[tuple[int, int]]:
    """Where True begins and ends, without the end, (N,) bool."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], marks, [False]]).astype(np.int8)))
    return list(pairwise(edges.tolist()))[::2]
