"""Join regions of text into lines, in reading order."""

from __future__ import annotations

from collections.abc import Sequence

from nlpx.data.page.box import Box

NEAR = 0.5
"""Largest distance between a line and a piece at its end, in heights."""


def joined(regions: Sequence[Box], pieces: Sequence[Box] = (), gap: float = 2.0) -> list[Box]:
    """Lines: regions side by side whose distance is at most `gap` heights, as one box each.

    Two boxes are side by side if they share at least half the height of the lower one; the height is that
    of the higher one. A box that was joined is compared again.

    Args:
        regions: boxes with characters.
        pieces: boxes of ink that is part of a line if it is next to one, such as punctuation.
        gap: the largest distance of regions; that of pieces is NEAR.

    Returns:
        The lines in reading order: from the top, and those side by side from the left.
    """
    found: list[Box] = []
    rest = list(regions)
    while rest:
        line = rest.pop()
        near = [box for box in found if _close(line, box, gap)]
        if near:
            found = [box for box in found if box not in near]
            rest.append(Box.around([line, *near]))
        else:
            found.append(line)
    lines = [_with_pieces(line, pieces) for line in found]
    return in_reading_order(lines)


def _with_pieces(line: Box, pieces: Sequence[Box]) -> Box:
    """A line with the pieces at its ends."""
    beyond = [piece for piece in pieces if beside(line, piece)]
    for piece in sorted(beyond, key=lambda box: box.left):
        if piece.right > line.right and _close(line, piece, NEAR):
            line = Box.around([line, piece])
    for piece in sorted(beyond, key=lambda box: -box.right):
        if piece.left < line.left and _close(line, piece, NEAR):
            line = Box.around([line, piece])
    return line


def in_reading_order(lines: Sequence[Box]) -> list[Box]:
    """Lines from the top; those that are side by side with the first line of a row, from the left."""
    rows: list[list[Box]] = []
    for line in sorted(lines, key=lambda box: box.top + box.height / 2):
        if rows and beside(rows[-1][0], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda box: box.left)]


def beside(one: Box, two: Box) -> bool:
    """Whether two boxes share at least half the height of the lower one."""
    shared = min(one.bottom, two.bottom) - max(one.top, two.top)
    return 2 * shared >= min(one.height, two.height)


def _close(one: Box, two: Box, gap: float) -> bool:
    apart = max(one.left, two.left) - min(one.right, two.right)
    return beside(one, two) and apart <= gap * max(one.height, two.height)
