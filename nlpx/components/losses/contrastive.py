"""Contrastive loss of scored pairs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from nlpx.components.losses.score_loss import PairLoss, Score
from nlpx.components.varying import Varying, now
from nlpx.core.lazy import ops, tf


class Contrastive(PairLoss):
    """Positive pairs are pulled together, others are pushed at least m apart: d = 1 - c.

    mean of d^2 / 2 for score >= threshold, max(0, m - d)^2 / 2 for others

    Options:
        threshold: least score of a positive pair.
        margin: m, in cosine; other pairs with a cosine of at most 1 - m have no loss.
    Shapes: cosines (B,), scores (B,) -> sum and number of pairs.
    Data: scored pairs, positive and negative ones.
    Relations: distinguishes only two kinds of pairs; cosent and cosine use all scores.
    Reference: Hadsell et al. 2006, with the distance of cosines.
    Example:
        data: {source: {type: builtin, name: similarity_pairs}}
        loss: {type: contrastive, threshold: 1}
        metrics: [correlation]
        checkpoint: {monitor: valid/spearman}
    """

    type: Literal["contrastive"] = "contrastive"
    threshold: Score
    margin: Varying[Annotated[float, Field(gt=0, le=2)]] = 0.5

    def misfit(self, least: float, greatest: float) -> str:
        if least < self.threshold <= greatest:
            return ""
        kind = "positive" if least >= self.threshold else "negative"
        return (
            f"scores go from {least:g} to {greatest:g}, so with the threshold {self.threshold:g} all pairs "
            f"are {kind}. Set loss.threshold to the least score of a pair that means the same."
        )

    def of_pairs(self, cosines: tf.Tensor, scores: tf.Tensor) -> tf.Tensor:
        distances = 1 - cosines
        near = ops.square(distances)
        far = ops.square(ops.relu(now(self.margin) - distances))
        return ops.where(scores >= self.threshold, near, far) / 2
