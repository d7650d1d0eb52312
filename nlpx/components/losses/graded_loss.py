"""Base class of cross entropies that weigh a target by its probability."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from nlpx.components.losses.base import Loss, Term, Values
from nlpx.core.lazy import ops, tf

HIDDEN = -1e30
"""Stands for -infinity in a sum of exponentials; its gradient is 0, not a NaN."""


class GradedLoss(Loss):
    """Mean over real positions of factor * -log p(target), where the factor falls as p(target) grows.

    With d = x_t - log sum_(k != t) exp x_k, p_t = sigmoid(d): every softmax is a logistic function of the
    difference of the target and the rest. -log p_t = softplus(-d) keeps its digits where p_t is nearly 1.
    """

    needs: ClassVar[frozenset[str]] = frozenset({"logits", "target"})

    @abstractmethod
    def factor(self, difference: tf.Tensor, logits: tf.Tensor, target: tf.Tensor) -> tf.Tensor:
        """The factor of -log p(target), (...) float32.

        Args:
            difference: d, the logit of p(target), (...).
            logits: (..., U).
            target: one-hot, (..., U) bool.
        """

    def terms(self, values: Values, step: tf.Tensor | int) -> dict[str, Term]:
        logits, real = values["logits"], ops.cast(values["mask"], "float32")
        target = ops.one_hot(values["target"], logits.shape[-1], dtype="bool")
        own = ops.sum(ops.where(target, logits, 0.0), -1)
        difference = own - tf.reduce_logsumexp(ops.where(target, HIDDEN, logits), -1)
        losses = self.factor(difference, logits, target) * ops.softplus(-difference)
        return {"loss": Term(ops.sum(losses * real), ops.sum(real))}
