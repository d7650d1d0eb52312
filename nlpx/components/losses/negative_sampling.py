"""Negative sampling."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nlpx.components.losses.contrastive_estimation import ContrastiveEstimation
from nlpx.components.losses.sampled_loss import SampledLoss
from nlpx.core.lazy import ops, tf


class NegativeSampling(ContrastiveEstimation):
    """Negative sampling of word2vec: the scores themselves are the logits, d_k = s_k.

    The optimum is s_k = log(p(k | h) / q_k) - log K; with power 1 and K = 1 the pointwise mutual information.

    Options: none of its own.
    Shapes: hidden (..., D), output embedding (U, D), output bias (U,), targets (...) int, mask (...) bool ->
        sum and number of positions.
    Data: one label per position, and the counts of the classes.
    Relations: for vectors of words. Scores are no log-probabilities unless power is 0, so predictions of a
        softmax head prefer rare classes; for those use sampled_softmax or nce.
    Reference: Mikolov et al. 2013, arXiv 1310.4546; Levy and Goldberg 2014; kexue.fm archive 5617.
    Example:
        loss: {type: negative_sampling, negatives: 16, power: 0.75}
    """

    needs: ClassVar[frozenset[str]] = SampledLoss.needs | {"frequency"}

    type: Literal["negative_sampling"] = "negative_sampling"
    power: Annotated[float, Field(ge=0, le=1)] = 0.75

    def offset(self, log_noise: tf.Tensor) -> tf.Tensor:
        return ops.zeros_like(log_noise)
