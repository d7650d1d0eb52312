"""What finds the text of a page."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from nlpx.core.component import Component
from nlpx.data.page.layout import Layout, Show, unseen

if TYPE_CHECKING:
    import numpy as np


class Page(Component):
    """The base of everything that finds ink and lines on the image of a page."""

    kind: ClassVar[str] = "page"

    @abstractmethod
    def layout(self, pixels: np.ndarray, show: Show = unseen) -> Layout:
        """The ink and the lines of a page (H, W, 3) uint8; a page without text has no lines.

        Args:
            pixels: the page.
            show: called with an image of every stage.

        Raises:
            UnfitPage: the page cannot be read with these options.
        """
