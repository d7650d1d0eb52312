"""Triplet loss with hard mining."""

from __future__ import annotations

from typing import Literal

from nlpx.components.losses.base import Term, Values
from nlpx.components.losses.class_loss import Margin
from nlpx.components.losses.group_loss import FAR, GroupLoss
from nlpx.components.varying import Varying, now
from nlpx.core.lazy import ops, tf


class Triplet(GroupLoss):
    """The farthest partner must be closer than the closest sentence of another group: max(0, m + c_n - c_p).

    c_p is the smallest cosine with a sentence of the same group in the batch, c_n the largest with one of
    another group.

    Options:
        margin: m, in cosine.
    Shapes: vectors (B, D), groups (B,) -> sum and number of sentences with a partner.
    Data: groups of at least two sentences; batches contain two sentences of each of their groups.
    Relations: learns from one negative per sentence, multiple_negatives_ranking from all.
    Reference: Hermans et al. 2017, arXiv 1703.07737 (batch hard).
    Example:
        loss: {type: triplet, margin: 0.2}
    """

    type: Literal["triplet"] = "triplet"
    margin: Varying[Margin] = 0.2

    def terms(self, values: Values, step: tf.Tensor | int) -> dict[str, Term]:
        vectors = values["vector"]
        partner, other = self.relations(values["group"], values["mask"])
        cosines = ops.matmul(vectors, ops.transpose(vectors))
        farthest = ops.min(ops.where(partner, cosines, FAR), 1)
        nearest = ops.max(ops.where(other, cosines, -FAR), 1)
        has_partner = ops.any(partner, 1)
        losses = ops.relu(now(self.margin) + nearest - farthest)
        total = ops.sum(ops.where(has_partner, losses, 0.0))
        return {"loss": Term(total, ops.sum(ops.cast(has_partner, "float32")))}
