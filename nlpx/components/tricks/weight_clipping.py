"""Weights that stay in an interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, PrivateAttr

from nlpx.components.tricks.base import Trick
from nlpx.components.varying import Varying, now, shown
from nlpx.core.lazy import keras, tf
from nlpx.core.options import Pattern, PositiveFloat


class WeightClipping(Trick):
    """Clip every element of some weights after each update: w <- min(max(w, -limit), limit).

    Options:
        limit: the largest absolute value.
        only: patterns of the names of the variables; null for all that are trained in the phase.
    Shapes: as the weights.
    Data: any.
    Relations: bounds the Lipschitz constant of a discriminator, the first way for Wasserstein GANs; a
        gradient penalty or spectral normalization trains better. The gradient does not see the limit. List
        it before `ema` and `swa`, which then average what was clipped. Reads and writes the weights once
        more.
    Reference: Arjovsky et al. 2017, arXiv 1701.07875; kexue.fm archive 6051.
    Example:
        tricks:
          - {type: weight_clipping, limit: 0.5, only: ["*kernel"]}
    """

    excludes: ClassVar = {"optimizer/ftrl": "it computes the weights from its state alone"}
    type: Literal["weight_clipping"] = "weight_clipping"
    limit: Varying[PositiveFloat] = 0.01
    only: Annotated[list[Pattern], Field(min_length=1)] | None = None

    _group: list[Any] = PrivateAttr(default_factory=list)

    def build(self, weights: Sequence[keras.Variable]) -> None:
        self._group = [v for v in self.chosen(self.only, weights, "only") if v.trainable]

    def update(self, weights: Sequence[keras.Variable]) -> None:
        limit = now(self.limit)
        for variable in self._group:
            variable.assign(tf.clip_by_value(variable.value, -limit, limit))

    def describe(self) -> list[str]:
        return [self.group(f"within {shown(self.limit)}", self._group)]
