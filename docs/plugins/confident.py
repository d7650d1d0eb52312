"""A custom objective in one file, which does not import TensorFlow or Keras at module level."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.losses.base import Loss, Term, Values
from nlpx.core.lazy import ops, tf
from nlpx.core.options import NonNegativeFloat


class ConfidencePenalty(Loss):
    """Cross entropy with a penalty on confident predictions: mean of CE - beta * H(p).

    Options:
        beta: weight of the entropy.
    Shapes: logits (..., U), targets (...) int, mask (...) bool -> two sums and the number of positions.
    Data: one label per position.
    Relations: similar to label smoothing; with beta 0 it equals cross_entropy.
    Reference: Pereyra et al. 2017, arXiv 1701.06548.
    Example:
        include: [confident.py]
        loss: {type: confidence_penalty, beta: 0.1}
    """

    needs: ClassVar[frozenset[str]] = frozenset({"logits", "target"})
    counts: ClassVar[str] = ""

    type: Literal["confidence_penalty"] = "confidence_penalty"
    beta: NonNegativeFloat = 0.1

    def terms(self, values: Values, step: tf.Tensor | int) -> dict[str, Term]:
        log_p = ops.log_softmax(values["logits"])
        real = ops.cast(values["mask"], "float32")
        positions = ops.sum(real)
        nll = tf.nn.sparse_softmax_cross_entropy_with_logits(values["target"], values["logits"])
        entropy = -ops.sum(ops.exp(log_p) * log_p, -1)
        return {
            "cross_entropy": Term(ops.sum(nll * real), positions),
            "entropy": Term(ops.sum(entropy * real), positions, -self.beta),
        }
