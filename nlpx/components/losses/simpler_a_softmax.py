"""Softmax with a simple angular margin."""

from __future__ import annotations

from typing import Literal

from nlpx.components.losses.class_loss import ClassLoss
from nlpx.core.lazy import ops, tf


class SimplerASoftmax(ClassLoss):
    """Simple angular margin: c_t becomes min(cos(4 theta_t), c_t), cos(4 theta) = 8 c^4 - 8 c^2 + 1.

    Options: none of its own.
    Shapes: vectors (B, D), classes (B,) -> sum and number of sentences.
    Data: groups of paraphrases, which are the classes.
    Relations: simpler than A-softmax, which continues cos(4 theta) piecewise.
    Reference: kexue.fm archive 5743; A-softmax: Liu et al. 2017, arXiv 1704.08063.
    Example:
        loss: simpler_a_softmax
    """

    type: Literal["simpler_a_softmax"] = "simpler_a_softmax"

    def psi(self, cosine: tf.Tensor) -> tf.Tensor:
        square = ops.square(cosine)
        return ops.minimum(8 * square * (square - 1) + 1, cosine)
