"""Images of the stages of a page, and of the boxes that were found."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nlpx.data.glyphs import INK, PAPER
from nlpx.data.page.box import Box
from nlpx.data.png import png

LINE, CHARACTER = (31, 111, 180), (214, 60, 40)
"""Colours of the boxes of lines and characters."""
FAINT = 0.5
"""How far the page is mixed with white below the boxes."""


class Stages:
    """PNG files of the stages that are shown, in their order: `NUMBER-NAME.png`."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def __call__(self, name: str, image: np.ndarray) -> None:
        """Show grey levels (H, W) or colours (H, W, 3) uint8, or a mask (H, W) bool, black on white."""
        if image.dtype == bool:
            image = np.where(image, INK, PAPER).astype(np.uint8)
        self.files[f"{len(self.files) + 1}-{name}.png"] = png(image if image.ndim == 3 else image[..., None])


def with_boxes(pixels: np.ndarray, lines: Sequence[tuple[Box, Sequence[Box]]]) -> np.ndarray:
    """A faint copy of a page with the boxes of lines and their characters, (H, W, 3) uint8.

    Every line has its number in reading order at the left of its box.

    Args:
        pixels: the page, (H, W, 3) uint8.
        lines: the box of every line with those of its characters.
    """
    from PIL import Image, ImageDraw

    drawn = Image.fromarray((255 - FAINT * (255.0 - pixels)).astype(np.uint8))
    draw = ImageDraw.Draw(drawn)
    for number, (line, characters) in enumerate(lines, start=1):
        for box in characters:
            draw.rectangle(_corners(box, 0), outline=CHARACTER)
        draw.rectangle(_corners(line, 2), outline=LINE)
        draw.text((max(line.left - 3, 0), line.top - 2), str(number), fill=LINE, anchor="rt")
    return np.array(drawn)


def _corners(box: Box, margin: int) -> tuple[int, int, int, int]:
    """The corners of a box with a margin, both inside."""
    return box.left - margin, box.top - margin, box.right - 1 + margin, box.bottom - 1 + margin
