"""Softmax over scaled cosines."""

from __future__ import annotations

from typing import Literal

from nlpx.components.losses.class_loss import ClassLoss
from nlpx.core.lazy import tf


class NormalizedSoftmax(ClassLoss):
    """Softmax over scaled cosines: L = -log softmax(s * c)_t, c_i = cos(sentence, vector of class i).

    Options: none of its own.
    Shapes: vectors (B, D), classes (B,) -> sum and number of sentences.
    Data: groups of paraphrases, which are the classes.
    Relations: am_softmax without a margin.
    Reference: Wang et al. 2017, arXiv 1704.06369; kexue.fm archive 5743.
    Example:
        loss: {type: normalized_softmax, scale: 30}
    """

    type: Literal["normalized_softmax"] = "normalized_softmax"

    def psi(self, cosine: tf.Tensor) -> tf.Tensor:
        return cosine
