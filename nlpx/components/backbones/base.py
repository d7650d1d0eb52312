"""What a backbone is."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from nlpx.core.component import Split

WeightsFile = Annotated[str, Field(min_length=1)]
"""A file, relative to `data.root` unless absolute. It is read when training begins, and not afterwards."""


class Backbone(Split):
    """The base of every backbone: (B, S, S, 3) images with values 0 to 255 -> (B, H, W, D) features.

    The layer is given the options and a `name`, and called as layer(images, training=training). It lists its
    layers that have weights, in order, as `blocks`. One with the option `weights` reads a file of them in the
    method read_weights(path).

    Options:
        trainable: learn its weights; if not, its batch normalizations keep their statistics, too.
    """

    kind: ClassVar[str] = "backbone"
    structural: ClassVar[frozenset[str]] = frozenset({"type", "trainable", "weights"})

    trainable: bool = True

    @property
    def smallest(self) -> int:
        """The smallest edge of an image, in pixels, that leaves something to pool."""
        return 1
