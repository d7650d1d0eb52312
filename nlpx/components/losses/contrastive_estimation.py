"""Base class of losses that separate targets from noise."""

from __future__ import annotations

import math
from abc import abstractmethod

from nlpx.components.losses.base import Term, Values
from nlpx.components.losses.sampled_loss import SampledLoss
from nlpx.core.lazy import ops, tf
from nlpx.core.options import PositiveInt


class ContrastiveEstimation(SampledLoss):
    """Base class of losses that classify classes as target or noise by a logistic function.

    L = -log sigmoid(d_t) - sum_n log sigmoid(-d_n), d the logit of being the target

    With `negatives: all`, the sum is its expectation for K = 1.

    Options:
        exclude_target: noise that is the target of a position does not count there, so that the optimum is
            log(1 - p(target)) higher; otherwise it counts, as the theory has it.
        pool: number of noise classes that are drawn and shared, each of which counts K / pool; default: K.
    """

    exclude_target: bool = False
    pool: PositiveInt | None = None

    @property
    def draws(self) -> int:
        return self.pool or super().draws

    @abstractmethod
    def offset(self, log_noise: tf.Tensor) -> tf.Tensor:
        """What a score s is reduced by to give d, by class, (U,), for log(K q) of every class, (U,)."""

    def terms(self, values: Values, step: tf.Tensor | int) -> dict[str, Term]:
        log_noise, real = self.log_noise(values), ops.cast(values["mask"], "float32")
        drawn, target = self.drawn_for(values, log_noise, step), values["target"]
        if self.negatives == "all":
            expected, counted = log_noise, ops.exp(log_noise)
        else:
            expected = log_noise + math.log(self.negatives)
            counted = tf.constant(self.negatives / self.draws)
        offset = self.offset(expected)
        own = self.target_scores(values) - tf.gather(offset, target)
        noise = self.scores(values, drawn) - tf.gather(offset, drawn)
        losses = ops.softplus(-own) + ops.sum(counted * ops.softplus(noise), -1)
        if self.exclude_target:
            # Noise that is the target has the score of the target.
            same = ops.cast(drawn == target[..., None], "float32")
            losses = losses - ops.sum(counted * same, -1) * ops.softplus(own)
        return {"loss": Term(ops.sum(losses * real), ops.sum(real))}
