"""The bases of losses that compare the cosines of sentence pairs with the scores of a corpus."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, ClassVar

from pydantic import Field

from nlpx.components.losses.base import Loss, Term, Values
from nlpx.core.lazy import ops, tf

Score = Annotated[float, Field(allow_inf_nan=False)]


class ScoreLoss(Loss):
    """The base of losses over the cosines of scored pairs."""

    needs: ClassVar[frozenset[str]] = frozenset({"cosine", "score"})

    def misfit(self, least: float, greatest: float) -> str:
        """Why training scores from `least` to `greatest` are unsuitable, and what to do; else empty."""
        return ""


class PairLoss(ScoreLoss):
    """The base of losses that are a mean over pairs."""

    @abstractmethod
    def of_pairs(self, cosines: tf.Tensor, scores: tf.Tensor) -> tf.Tensor:
        """The loss of each pair, (B,) float32."""

    def terms(self, values: Values, step: tf.Tensor | int) -> dict[str, Term]:
        weights = ops.cast(values["mask"], "float32")
        losses = self.of_pairs(values["cosine"], values["score"])
        return {"loss": Term(ops.sum(losses * weights), ops.sum(weights))}
