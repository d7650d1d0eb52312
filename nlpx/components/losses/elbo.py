"""The evidence lower bound of a variational autoencoder."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.losses.base import Loss, Term, Values
from nlpx.components.varying import Varying, now
from nlpx.core.lazy import ops, tf
from nlpx.core.options import NonNegativeFloat, NonNegativeInt


class ELBO(Loss):
    """Negative evidence lower bound: reconstruction cross entropy and KL divergence of posterior and prior.

    mean over rows of (sum_t -log p(x_t | z) + beta * w * sum_d max(free_bits, KL_d)),
    w = min(1, (updates + 1) / anneal)

    Options:
        reduction: sum or mean over positions; mean increases the relative weight of the KL by their number,
            which causes posterior collapse.
        beta: weight of the KL.
        anneal: number of updates over which the weight of the KL rises to beta; 0 disables annealing.
        free_bits: nats of KL per dimension and row that are not penalized.
    Shapes: cross entropies (B, T), KL (B, L), mask (B, T) bool -> two sums and the number of rows.
    Data: rows of equal length.
    Relations: the metric elbo reports the bound without annealing, free bits and beta.
    Reference: Kingma and Welling 2014, arXiv 1312.6114; beta: Higgins et al. 2017; annealing: Bowman et al.
        2016, arXiv 1511.06349; free bits: Kingma et al. 2016, arXiv 1606.04934; kexue.fm archive 5332.
    Example:
        loss: {type: elbo, anneal: 2000}
    """

    needs: ClassVar[frozenset[str]] = frozenset({"token_nll", "kl"})

    type: Literal["elbo"] = "elbo"
    reduction: Literal["sum", "mean"] = "sum"
    beta: Varying[NonNegativeFloat] = 1.0
    anneal: NonNegativeInt = 0
    free_bits: Varying[NonNegativeFloat] = 0.0

    def terms(self, values: Values, step: tf.Tensor | int) -> dict[str, Term]:
        real = ops.cast(values["mask"], "float32")
        rows = real[:, 0]
        reconstruction = ops.sum(values["token_nll"] * real, 1)
        if self.reduction == "mean":
            reconstruction = reconstruction / ops.maximum(ops.sum(real, 1), 1.0)
        kl = ops.sum(ops.maximum(values["kl"], now(self.free_bits)), 1)
        count = ops.sum(rows)
        return {
            "reconstruction": Term(ops.sum(rows * reconstruction), count),
            "kl": Term(ops.sum(rows * kl), count, self.weight(step)),
        }

    def weight(self, step: tf.Tensor | int) -> tf.Tensor | float:
        """beta * w after a number of updates."""
        if not self.anneal:
            return now(self.beta)
        return now(self.beta) * ops.minimum(1.0, (ops.cast(step, "float32") + 1.0) / self.anneal)
