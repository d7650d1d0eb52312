"""Ranking with in-batch negatives."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.losses.base import Term, Values
from nlpx.components.losses.group_loss import FAR, GroupLoss
from nlpx.components.varying import Varying, now
from nlpx.core.lazy import ops, tf
from nlpx.core.options import PositiveFloat


class MultipleNegativesRanking(GroupLoss):
    """In-batch negatives: every sentence must identify its partner by a softmax over scaled cosines.

    L_i = -log( e^(s c_ip) / (e^(s c_ip) + sum_n e^(s c_in)) )

    p is a sentence of the same group, n are those of other groups; the sentence itself and further sentences
    of its group are excluded; several p are averaged.

    Options:
        scale: s, the reciprocal of a temperature.
    Shapes: vectors (B, D), groups (B,) -> sum and number of sentences with a partner.
    Data: groups of at least two sentences; batches contain two sentences of each of their groups.
    Relations: needs no class vectors, so the number of groups does not matter; larger batches give more
        negatives.
    Reference: kexue.fm archive 7427; van den Oord et al. 2018, arXiv 1807.03748.
    Example:
        loss: {type: multiple_negatives_ranking, scale: 20}
    """

    aliases: ClassVar[tuple[str, ...]] = ("in_batch",)

    type: Literal["multiple_negatives_ranking"] = "multiple_negatives_ranking"
    scale: Varying[PositiveFloat] = 20.0

    def terms(self, values: Values, step: tf.Tensor | int) -> dict[str, Term]:
        vectors = values["vector"]
        partner, other = self.relations(values["group"], values["mask"])
        scores = now(self.scale) * ops.matmul(vectors, ops.transpose(vectors))
        others = ops.logsumexp(ops.where(other, scores, -FAR), 1, keepdims=True)
        weights = ops.cast(partner, "float32")
        partners = ops.sum(weights, 1)
        losses = ops.sum(ops.softplus(others - scores) * weights, 1) / ops.maximum(partners, 1)
        return {"loss": Term(ops.sum(losses), ops.sum(ops.cast(partners > 0, "float32")))}
