"""Softmax with an additive margin."""

from __future__ import annotations

from typing import Literal

from nlpx.components.losses.class_loss import ClassLoss, Margin
from nlpx.components.varying import Varying, now
from nlpx.core.lazy import tf


class AMSoftmax(ClassLoss):
    """Additive margin: the cosine with the correct class must exceed the others by m.

    L = -log( e^(s (c_t - m)) / (e^(s (c_t - m)) + sum_(i != t) e^(s c_i)) )

    Options:
        margin: m, in cosine.
    Shapes: vectors (B, D), classes (B,) -> sum and number of sentences.
    Data: groups of paraphrases, which are the classes.
    Relations: the loss of the original model; a larger margin gives a larger loss.
    Reference: Wang et al. 2018, arXiv 1801.05599; kexue.fm archive 5743.
    Example:
        loss: {type: am_softmax, margin: 0.35}
    """

    type: Literal["am_softmax"] = "am_softmax"
    margin: Varying[Margin] = 0.35

    def psi(self, cosine: tf.Tensor) -> tf.Tensor:
        return cosine - now(self.margin)
