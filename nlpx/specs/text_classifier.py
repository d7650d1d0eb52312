"""The section `model` of a classifier of texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from nlpx.components.encoders.base import Encoder
from nlpx.components.poolings.base import Pooling
from nlpx.components.poolings.max import Max
from nlpx.components.poolings.mean import Mean
from nlpx.components.varying import Varying
from nlpx.core.options import PositiveInt, Rate
from nlpx.specs.sections import Path, TaggerSection


class TextClassifierSection(TaggerSection):
    """A classifier of texts: embedding -> encoder blocks -> poolings -> hidden layer -> logits.

    Options:
        encoder: blocks in sequence; if there are none, the model is a bag of characters and n-grams.
        pooling: one or several poolings, whose results are concatenated.
        hidden: width of a dense layer with relu before the logits; default: no such layer.
        dropout: dropout rate of the pooled vector, or of the hidden layer before relu.
    """

    encoder: list[Encoder] = []
    pooling: Annotated[list[Pooling], Field(min_length=1)] = [Mean(), Max()]
    hidden: PositiveInt | None = None
    dropout: Varying[Rate] = 0.0

    @property
    def distinct(self) -> Mapping[Path, list[object]]:
        return {**super().distinct, ("pooling",): [pooling.type for pooling in self.pooling]}
