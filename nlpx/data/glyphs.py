"""Images of single characters: black and white squares of one size, with the character in the middle."""

from __future__ import annotations

from nlpx.core.lazy import np

SIZE, FRAME = 48, 1
"""Edge of an image in pixels, and the white pixels around the largest characters."""
PAPER, INK = 255, 0
DARK = 128
"""Grey values below it are ink."""


def trimmed(ink: np.ndarray) -> np.ndarray:
    """The part of a mask (H, W) bool inside the bounding box of its ink; (0, 0) without ink."""
    rows, columns = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    if not len(rows):
        return ink[:0, :0]
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def centred(ink: np.ndarray, shift: tuple[int, int] = (0, 0)) -> np.ndarray:
    """Ink (H, W) bool in the middle of a square of SIZE pixels, moved down and right; the rest is cut off."""
    square = np.zeros((SIZE, SIZE), bool)
    tops = [(SIZE - edge) // 2 + by for edge, by in zip(ink.shape, shift, strict=True)]
    into = tuple(slice(max(t, 0), max(min(t + e, SIZE), 0)) for t, e in zip(tops, ink.shape, strict=True))
    out = tuple(slice(s.start - t, s.stop - t) for s, t in zip(into, tops, strict=True))
    square[into] = ink[out]
    return square


def framed(ink: np.ndarray, height: int = 0) -> np.ndarray:
    """The ink of a box (H, W) bool as a square of SIZE pixels, scaled with the nearest pixels.

    Args:
        ink: the box; what is around its ink does not matter.
        height: height of the line that the box is from, which becomes SIZE - 2 FRAME pixels, so that small
            characters stay small; 0 stands for the longer edge of the ink.
    """
    ink = trimmed(ink)
    if not ink.size:
        return np.zeros((SIZE, SIZE), bool)
    scale = (SIZE - 2 * FRAME) / max(height, *ink.shape)
    places = [
        np.minimum(((np.arange(max(round(edge * scale), 1)) + 0.5) / scale).astype(int), edge - 1)
        for edge in ink.shape
    ]
    return centred(ink[np.ix_(*places)])


def as_image(ink: np.ndarray) -> np.ndarray:
    """A mask (H, W) bool as an image (H, W, 3) uint8, black on white."""
    grey = np.where(ink, INK, PAPER).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=-1)


def with_noise(ink: np.ndarray, share: float, random: np.random.Generator) -> np.ndarray:
    """A mask in which a share of the pixels, chosen independently, is inverted."""
    return ink ^ (random.random(ink.shape) < share)
