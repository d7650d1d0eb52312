"""Base class of backbones."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from nlpx.core.component import Split

WeightsFile = Annotated[str, Field(min_length=1)]
"""A file, relative to `data.root` unless absolute. It is only read when training starts."""


class Backbone(Split):
    """Base class of backbones: (B, S, S, 3) images with values 0 to 255 -> (B, H, W, D) features.

    The layer is constructed with the options and a `name`, and called as layer(images, training=training).
    The property `blocks` lists its layers with weights in order. A layer with the option `weights` loads a
    file in the method read_weights(path).

    Options:
        trainable: train the weights; otherwise batch normalizations also keep their statistics.
    """

    kind: ClassVar[str] = "backbone"
    structural: ClassVar[frozenset[str]] = frozenset({"type", "trainable", "weights"})

    trainable: bool = True

    @property
    def smallest(self) -> int:
        """The minimum size of an image in pixels."""
        return 1
