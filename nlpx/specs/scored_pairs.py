"""Pairs of sentences with scores: what is learned from them, and how good it is."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from nlpx.core.options import PositiveFloat
from nlpx.specs.losses import LossSpec

Score = Annotated[float, Field(allow_inf_nan=False)]


class ScoreLossSpec(LossSpec):
    """The base of losses over the cosines of scored pairs."""

    needs: ClassVar[frozenset[str]] = frozenset({"cosine", "score"})

    def misfit(self, least: float, greatest: float) -> str:
        """What is wrong with training scores from `least` to `greatest`, and what to do; empty if nothing."""
        return ""


class CoSENT(ScoreLossSpec):
    """The order of the cosines shall be that of the scores.

    L = log(1 + sum of e^(s (c_j - c_i)) over all pairs i, j of the batch with score_i > score_j)

    Options:
        scale: s.
    Shapes: cosines (B,), scores (B,) -> B L and B; 0 and 0 where there is nothing to order.
    Data: scored pairs; only the order of scores counts, so 0 and 1 will do. Equal scores are not compared.
    Relations: what spearman measures, made smooth. Compares within a batch: a greater one tells more, and
        train.accumulation does not make it greater.
    Reference: kexue.fm archive 8847.
    Example:
        data: {source: {type: builtin, name: similarity_pairs}}
        loss: {type: cosent, scale: 20}
        metrics: [correlation]
        checkpoint: {monitor: valid/spearman}
    """

    implementation: ClassVar[str] = "nlpx.losses.scores:CoSENT"

    type: Literal["cosent"] = "cosent"
    scale: PositiveFloat = 20.0

    def misfit(self, least: float, greatest: float) -> str:
        if least < greatest:
            return ""
        return f"all scores are {least:g}, so there is no order to learn. Give rows of several scores."


class Cosine(ScoreLossSpec):
    """The cosine shall be the score: mean of (c - t)^2, t = (score - low) / (high - low).

    Options:
        low: the score of sentences that have nothing to do with one another; their cosine shall be 0.
        high: the score of sentences that mean the same; their cosine shall be 1.
    Shapes: cosines (B,), scores (B,) -> sum and number of pairs.
    Data: scored pairs; no score of train lies outside low to high.
    Relations: takes the scores at their word, cosent only their order.
    Reference: Reimers and Gurevych 2019, arXiv 1908.10084 (regression objective).
    Example:
        data: {source: {type: builtin, name: similarity_pairs}}
        loss: {type: cosine, low: 0, high: 1}
        metrics: [correlation]
        checkpoint: {monitor: valid/spearman}
    """

    implementation: ClassVar[str] = "nlpx.losses.scores:Cosine"

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


class Contrastive(ScoreLossSpec):
    """Positive pairs are drawn together, others pushed m apart: d = 1 - c.

    mean of d^2 / 2 for score >= threshold, max(0, m - d)^2 / 2 for others

    Options:
        threshold: least score of a positive pair.
        margin: m, in cosine; others with a cosine of 1 - m or less are left alone.
    Shapes: cosines (B,), scores (B,) -> sum and number of pairs.
    Data: scored pairs, some positive and some not.
    Relations: sees two kinds of pairs only, cosent and cosine every score.
    Reference: Hadsell et al. 2006, with the distance of cosines.
    Example:
        data: {source: {type: builtin, name: similarity_pairs}}
        loss: {type: contrastive, threshold: 1}
        metrics: [correlation]
        checkpoint: {monitor: valid/spearman}
    """

    implementation: ClassVar[str] = "nlpx.losses.scores:Contrastive"

    type: Literal["contrastive"] = "contrastive"
    threshold: Score
    margin: Annotated[float, Field(gt=0, le=2)] = 0.5

    def misfit(self, least: float, greatest: float) -> str:
        if least < self.threshold <= greatest:
            return ""
        kind = "positive" if least >= self.threshold else "negative"
        return (
            f"scores go from {least:g} to {greatest:g}, so with the threshold {self.threshold:g} all pairs "
            f"are {kind}. Set loss.threshold to the least score of a pair that means the same."
        )
