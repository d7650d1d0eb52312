"""Regression of cosines on scores."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from nlpx.components.losses.score_loss import PairLoss, Score
from nlpx.core.lazy import ops, tf


class Cosine(PairLoss):
    """The cosine should be the score: mean of (c - t)^2, t = (score - low) / (high - low).

    Options:
        low: score of unrelated sentences; their cosine should be 0.
        high: score of paraphrases; their cosine should be 1.
    Shapes: cosines (B,), scores (B,) -> sum and number of pairs.
    Data: scored pairs; the scores of the training split must be between low and high.
    Relations: fits the values of the scores, cosent only their order.
    Reference: Reimers and Gurevych 2019, arXiv 1908.10084 (regression objective).
    Example:
        data: {source: {type: builtin, name: similarity_pairs}}
        loss: {type: cosine, low: 0, high: 1}
        metrics: [correlation]
        checkpoint: {monitor: valid/spearman}
    """

    type: Literal["cosine"] = "cosine"
    low: Score
    high: Score

    @model_validator(mode="after")
    def _low_is_below_high(self) -> Cosine:
        if self.low >= self.high:
            raise ValueError("low is less than high")
        return self

    def misfit(self, least: float, greatest: float) -> str:
        if self.low <= least and greatest <= self.high:
            return ""
        return (
            f"scores go from {least:g} to {greatest:g}, beyond those that become cosines, "
            f"{self.low:g} to {self.high:g}. Set loss.low and loss.high to the ends of the corpus's scale."
        )

    def of_pairs(self, cosines: tf.Tensor, scores: tf.Tensor) -> tf.Tensor:
        return ops.square(cosines - (scores - self.low) / (self.high - self.low))
