"""Cross entropy over real positions."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.losses.base import Loss, Term, Values
from nlpx.components.varying import Varying, now
from nlpx.core.lazy import ops, tf
from nlpx.core.options import Rate
from nlpx.layers.cross_entropy import sparse_cross_entropy


class CrossEntropy(Loss):
    """Mean of -log p(target) over real positions.

    -sum_k q_k log p_k, with q = (1 - e) * onehot(target) + e / U

    Options:
        label_smoothing: e in the target distribution (1 - e) * one-hot + e * uniform.
    Shapes: logits (B, T, U), targets (B, T) int, mask (B, T) bool, or all without T -> sum and
        number of positions.
    Data: one label per position, or one per row.
    Relations: for the head softmax.
    Reference: label smoothing: Szegedy et al. 2016, arXiv 1512.00567.
    Example:
        loss: {type: cross_entropy, label_smoothing: 0.1}
    """

    needs: ClassVar[frozenset[str]] = frozenset({"logits", "target"})
    counts: ClassVar[str] = ""

    type: Literal["cross_entropy"] = "cross_entropy"
    label_smoothing: Varying[Rate] = 0.0

    def terms(self, values: Values, step: tf.Tensor | int) -> dict[str, Term]:
        logits, real = values["logits"], ops.cast(values["mask"], "float32")
        nll = sparse_cross_entropy(values["target"], logits)
        total = ops.sum(ops.sum(nll * real, -1))
        if self.label_smoothing:
            uniform = -ops.mean(ops.log_softmax(logits), -1)
            smoothing = now(self.label_smoothing)
            total = (1 - smoothing) * total + smoothing * ops.sum(uniform * real)
        return {"loss": Term(total, ops.sum(real))}
