"""What is found on a page before characters are recognized."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from nlpx.data.page.box import Box

Show = Callable[[str, "np.ndarray"], None]
"""Called with the name of a stage and its image: (H, W) bool, (H, W) uint8 or (H, W, 3) uint8."""


def unseen(name: str, image: np.ndarray) -> None:
    """Discard the image of a stage."""


class UnfitPage(ValueError):
    """A page that cannot be read with these options; the message is the reason."""


@dataclass(frozen=True)
class Layout:
    """The ink and the lines of a page.

    Attributes:
        ink: the pixels of text, (zoom H, zoom W) bool.
        lines: boxes of `ink` in reading order.
        zoom: number of pixels of `ink` for each pixel of the page, in both directions.
    """

    ink: np.ndarray
    lines: Sequence[Box]
    zoom: int = 1
