"""Rank loss of scored pairs."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.losses.base import Term, Values
from nlpx.components.losses.score_loss import ScoreLoss
from nlpx.components.varying import Varying, now
from nlpx.core.lazy import ops, tf
from nlpx.core.options import PositiveFloat

FAR = 1e9
"""Stands for infinity where a gradient flows."""


class CoSENT(ScoreLoss):
    """Rank loss over cosines: their order should be that of the scores.

    L = log(1 + sum of e^(s (c_j - c_i)) over all pairs i, j of the batch with score_i > score_j)

    Options:
        scale: s.
    Shapes: cosines (B,), scores (B,) -> B L and B; 0 and 0 where all scores are equal.
    Data: scored pairs; only the order of the scores matters, so 0 and 1 suffice; equal ones are not compared.
    Relations: a smooth version of spearman. It compares pairs within a micro-batch, so a larger batch size is
        more informative, and train.accumulation does not replace it; a micro-batch is weighted by its pairs.
    Reference: kexue.fm archive 8847.
    Example:
        data: {source: {type: builtin, name: similarity_pairs}}
        loss: {type: cosent, scale: 20}
        metrics: [correlation]
        checkpoint: {monitor: valid/spearman}
    """

    compares: ClassVar[bool] = True

    type: Literal["cosent"] = "cosent"
    scale: Varying[PositiveFloat] = 20.0

    def misfit(self, least: float, greatest: float) -> str:
        if least < greatest:
            return ""
        return f"all scores are {least:g}, so there is no order to learn. Give rows of several scores."

    def terms(self, values: Values, step: tf.Tensor | int) -> dict[str, Term]:
        cosines, scores, real = values["cosine"], values["score"], values["mask"]
        both = ops.logical_and(real[:, None], real[None])
        ordered = ops.logical_and(both, scores[:, None] > scores[None])
        wrong = now(self.scale) * (cosines[None] - cosines[:, None])
        terms = ops.reshape(ops.where(ordered, wrong, -FAR), [-1])
        pairs = ops.where(ops.any(ordered), ops.sum(ops.cast(real, "float32")), 0.0)
        return {"loss": Term(pairs * ops.logsumexp(ops.concatenate([ops.zeros([1]), terms])), pairs)}
