"""Pages of dark print on a light ground, or the reverse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from nlpx.components.pages.base import Page
from nlpx.data.page.layout import Layout, Show, unseen

if TYPE_CHECKING:
    import numpy as np


class PlainPage(Page):
    """Two classes of grey levels by the threshold of Otsu; the ground is the larger one.

    Lines are the rows of pixels with ink between rows without.

    Options: none.
    Shapes: page (H, W, 3) -> ink (H, W), boxes of lines.
    Data: print of one colour on a ground of another, in one column, not skewed.
    Relations: fast. Lines, frames and photographs around the text are taken for text; page/layers removes
        them.
    Reference: Otsu 1979.
    Example:
        page: plain
    """

    type: Literal["plain"] = "plain"

    def layout(self, pixels: np.ndarray, show: Show = unseen) -> Layout:
        from nlpx.data.page.ink import ink_of
        from nlpx.data.page.projections import lines

        ink = ink_of(pixels)
        show("ink", ink)
        return Layout(ink, lines(ink))
