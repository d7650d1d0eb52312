"""The section `model` of sentence encoders."""

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


class SentenceSection(TaggerSection):
    """A sentence encoder: embedding -> encoder blocks -> poolings -> projection, one vector per sentence.

    Options:
        encoder: blocks in sequence; if there are none, the model is a bag of characters and n-grams.
        pooling: one or several poolings, whose results are concatenated.
        projection: width of the sentence vector; default: no projection.
        dropout: dropout rate of the pooled vector.
        mask: mask the padding for blocks and poolings; otherwise they see it, up to data.max_length.
    """

    encoder: list[Encoder] = []
    pooling: Annotated[list[Pooling], Field(min_length=1)] = [Mean(), Max()]
    projection: PositiveInt | None = None
    dropout: Varying[Rate] = 0.0
    mask: bool = True

    @property
    def distinct(self) -> Mapping[Path, list[object]]:
        return {**super().distinct, ("pooling",): [pooling.type for pooling in self.pooling]}
