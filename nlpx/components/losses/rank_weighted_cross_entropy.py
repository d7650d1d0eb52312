"""Cross entropy in which frequent classes weigh more."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.losses.base import Loss, Term, Values
from nlpx.components.varying import Varying, now
from nlpx.core.lazy import ops, tf
from nlpx.core.options import NonNegativeFloat, Rate
from nlpx.layers.cross_entropy import sparse_cross_entropy


class RankWeightedCrossEntropy(Loss):
    """Mean of -w_k log p(k) for the target k, with weights that fall with the rank of a class.

    w_k = ((N - r_k) / N + 1)^power / mean of all w,  r_k from 0 for the most frequent of N classes

    Options:
        power: of the weights; the most frequent class weighs nearly 2^power times as much as the rarest. 0
            gives the cross entropy.
        label_smoothing: e in the target distribution (1 - e) * one-hot + e * uniform.
    Shapes: logits (B, U), targets (B,) int, ranks (U,) int -> sum and number of rows.
    Data: training splits in which all classes have equally many rows, unlike the use.
    Relations: it raises the accuracy on frequent classes at the cost of rare ones, so accuracy on a split
        with equally many rows of each class may fall; compare it on texts.
    Reference: kexue.fm archive 3831.
    Example:
        loss: {type: rank_weighted_cross_entropy, power: 3}
    """

    needs: ClassVar[frozenset[str]] = frozenset({"logits", "target", "class_rank"})
    counts: ClassVar[str] = ""

    type: Literal["rank_weighted_cross_entropy"] = "rank_weighted_cross_entropy"
    power: Varying[NonNegativeFloat] = 3.0
    label_smoothing: Varying[Rate] = 0.0

    def terms(self, values: Values, step: tf.Tensor | int) -> dict[str, Term]:
        logits, real = values["logits"], ops.cast(values["mask"], "float32")
        ranks = ops.cast(values["class_rank"], "float32")
        weights = (2.0 - ranks / ranks.shape[0]) ** now(self.power)
        of_rows = ops.take(weights / ops.mean(weights), values["target"], 0) * real
        losses = sparse_cross_entropy(values["target"], logits)
        if self.label_smoothing:
            uniform = -ops.mean(ops.log_softmax(logits), -1)
            smoothing = now(self.label_smoothing)
            losses = (1 - smoothing) * losses + smoothing * uniform
        return {"loss": Term(ops.sum(losses * of_rows), ops.sum(real))}
