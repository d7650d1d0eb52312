"""The section `model` of an image classifier."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from nlpx.components.backbones.base import Backbone
from nlpx.components.backbones.small_conv import SmallConv
from nlpx.components.varying import Varying
from nlpx.core.component import Section
from nlpx.core.options import PositiveInt, Rate


class ClassifierSection(Section):
    """An image classifier: backbone -> pooling -> gated feature -> main head; pooled -> auxiliary head.

    Options:
        image_size: image size in pixels; the central square of an image is resized to it.
        backbone: the network that computes a feature map.
        pooling: mean or max over the feature map.
        normalize: apply batch normalization to the pooled features.
        features: width of the gated feature.
        dropout: dropout rate of the pooled features.
    """

    image_size: Annotated[int, Field(ge=8, le=1024)] = 48
    backbone: Backbone = SmallConv()
    pooling: Literal["mean", "max"] = "mean"
    normalize: bool = False
    features: PositiveInt = 64
    dropout: Varying[Rate] = 0.0

    @model_validator(mode="after")
    def _large_enough(self) -> ClassifierSection:
        if self.image_size < self.backbone.smallest:
            raise PydanticCustomError(
                "image_size",
                "the backbone {backbone} needs images of at least {smallest} pixels, image_size is {size}",
                {
                    "backbone": self.backbone.type,
                    "smallest": self.backbone.smallest,
                    "size": self.image_size,
                },
            )
        return self
