"""Softmax with a multiplicative angular margin."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field

from nlpx.components.losses.class_loss import ClassLoss
from nlpx.core.lazy import ops, tf


class ASoftmax(ClassLoss):
    """Multiplicative angular margin: the angle theta to the vector of the correct class is multiplied by m.

    psi(cos theta) = (-1)^k cos(m theta) - 2 k,  k pi / m <= theta <= (k + 1) pi / m

    psi falls from 1 to 1 - 2 m as the angle grows, without a jump.

    Options:
        margin: m; 1 is normalized_softmax.
    Shapes: vectors (B, D), classes (B,) -> sum and number of sentences.
    Data: groups of paraphrases, which are the classes.
    Relations: the margin grows with the angle, so large margins are hard to train from the start; am_softmax
        has the same margin for all angles. simpler_a_softmax is the minimum of cos(4 theta) and cos theta.
    Reference: Liu et al. 2017, arXiv 1704.08063.
    Example:
        loss: {type: a_softmax, margin: 2}
    """

    type: Literal["a_softmax"] = "a_softmax"
    margin: Annotated[int, Field(ge=1, le=8)] = 4

    def psi(self, cosine: tf.Tensor) -> tf.Tensor:
        # cos(m theta) as a polynomial in cos theta, whose derivative is finite at angles of 0 and pi.
        before, turned = ops.ones_like(cosine), cosine
        for _ in range(self.margin - 1):
            before, turned = turned, 2 * cosine * turned - before
        ends = [math.cos(k * math.pi / self.margin) for k in range(1, self.margin)]
        piece = sum((ops.cast(cosine < end, cosine.dtype) for end in ends), ops.zeros_like(cosine))
        return (1 - 2 * ops.mod(piece, 2.0)) * turned - 2 * piece
