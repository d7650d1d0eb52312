"""Softmax with an additive angular margin."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field

from nlpx.components.losses.class_loss import ClassLoss
from nlpx.components.varying import Varying, now
from nlpx.core.lazy import ops, tf

NEARLY_ONE = 1 - 1e-6
"""Largest cosine for which the derivative of the sine is finite in float32."""


class ArcFace(ClassLoss):
    """Additive angular margin: c_t becomes cos(theta_t + m), or c_t - m sin m if that would increase again.

    Options:
        margin: m, in radians, at most pi / 2.
    Shapes: vectors (B, D), classes (B,) -> sum and number of sentences.
    Data: groups of paraphrases, which are the classes.
    Relations: equals normalized_softmax without a margin.
    Reference: Deng et al. 2019, arXiv 1801.07698.
    Example:
        loss: {type: arcface, margin: 0.3}
    """

    type: Literal["arcface"] = "arcface"
    margin: Varying[Annotated[float, Field(ge=0, le=1.57)]] = 0.3

    def psi(self, cosine: tf.Tensor) -> tf.Tensor:
        c = ops.clip(cosine, -NEARLY_ONE, NEARLY_ONE)
        margin = now(self.margin)
        cos, sin = _cos_and_sin(margin)
        turned = cosine * cos - ops.sqrt(1 - ops.square(c)) * sin
        # Beyond theta + m = pi it decreases linearly.
        beyond = cosine - margin * sin
        return ops.where(cosine > -cos, turned, beyond)


def _cos_and_sin(angle: float | tf.Tensor) -> tuple[float | tf.Tensor, float | tf.Tensor]:
    """Of a number exactly, of a tensor in its precision."""
    if isinstance(angle, float):
        return math.cos(angle), math.sin(angle)
    return ops.cos(angle), ops.sin(angle)
