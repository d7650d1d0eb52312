"""Base class of losses that separate targets from noise."""

from __future__ import annotations

from abc import abstractmethod

from nlpx.components.losses.base import Term, Values
from nlpx.components.losses.sampled_loss import SampledLoss
from nlpx.core.lazy import ops, tf


class ContrastiveEstimation(SampledLoss):
    """Base class of losses that classify classes as target or noise by a logistic function.

    L = -log sigmoid(d_t) - sum_n log sigmoid(-d_n), d the logit of being the target

    Noise may be the target as well: otherwise the optimum would not be the one that the theory gives.
    With `negatives: all`, the sum is its expectation for K = 1.
    """

    @abstractmethod
    def offset(self, log_noise: tf.Tensor) -> tf.Tensor:
        """What a score s is reduced by to give d, by class, (U,), for log(K q) of every class, (U,)."""

    def terms(self, values: Values, step: tf.Tensor | int) -> dict[str, Term]:
        log_noise, real = self.log_noise(values), ops.cast(values["mask"], "float32")
        drawn = self.drawn(log_noise, step)
        if self.negatives == "all":
            expected, counted = log_noise, ops.exp(log_noise)
        else:
            expected = log_noise + ops.log(ops.cast(self.negatives, "float32"))
            counted = ops.ones_like(ops.cast(drawn, "float32"))
        offset = self.offset(expected)
        own = self.target_scores(values) - tf.gather(offset, values["target"])
        noise = self.scores(values, drawn) - tf.gather(offset, drawn)
        losses = ops.softplus(-own) + ops.sum(counted * ops.softplus(noise), -1)
        return {"loss": Term(ops.sum(losses * real), ops.sum(real))}
