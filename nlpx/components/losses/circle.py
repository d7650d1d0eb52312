"""Circle loss."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from nlpx.components.losses.base import Term, Values
from nlpx.components.losses.group_loss import FAR, GroupLoss
from nlpx.components.varying import Varying, now
from nlpx.core.lazy import ops, tf
from nlpx.core.options import PositiveFloat


class Circle(GroupLoss):
    """Cosines that are far from their optimum are weighted more, those of partners and others separately.

    L_i = log(1 + sum_n e^(s [c_in + m]_+ (c_in - m)) sum_p e^(-s [1 + m - c_ip]_+ (c_ip - 1 + m)))

    p are the other sentences of the same group in the batch, n those of other groups.

    Options:
        scale: s.
        margin: m; partners should have a cosine above 1 - m, others one below m.
    Shapes: vectors (B, D), groups (B,) -> sum and number of sentences with a partner.
    Data: groups of at least two sentences; batches contain two sentences of each of their groups.
    Relations: uses all pairs of a batch, like multiple_negatives_ranking, but a pair that is good enough
        has hardly any gradient. Gradients flow through the weights, too. Larger batches give more negatives.
    Reference: Sun et al. 2020, arXiv 2002.10857; keras.losses.Circle, which counts padding as sentences.
    Example:
        loss: {type: circle, scale: 32, margin: 0.25}
    """

    type: Literal["circle"] = "circle"
    scale: Varying[PositiveFloat] = 32.0
    margin: Varying[Annotated[float, Field(ge=0, lt=1)]] = 0.25

    def terms(self, values: Values, step: tf.Tensor | int) -> dict[str, Term]:
        vectors = values["vector"]
        partner, other = self.relations(values["group"], values["mask"])
        cosines = ops.matmul(vectors, ops.transpose(vectors))
        scale, margin = now(self.scale), now(self.margin)
        far = ops.relu(1 + margin - cosines) * (1 - margin - cosines)
        near = ops.relu(cosines + margin) * (cosines - margin)
        of_partners = ops.logsumexp(ops.where(partner, scale * far, -FAR), 1)
        of_others = ops.logsumexp(ops.where(other, scale * near, -FAR), 1)
        has_partner = ops.any(partner, 1)
        total = ops.sum(ops.where(has_partner, ops.softplus(of_partners + of_others), 0.0))
        return {"loss": Term(total, ops.sum(ops.cast(has_partner, "float32")))}
