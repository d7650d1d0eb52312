"""The evidence lower bound of a variational autoencoder."""

from __future__ import annotations

from typing import Literal

import tensorflow as tf
from keras import ops


def gaussian_kl(mean: tf.Tensor, log_var: tf.Tensor) -> tf.Tensor:
    """KL(N(mean, exp(log_var)) || N(0, 1)) = -(1 + log_var - mean^2 - exp(log_var)) / 2, elementwise, nats.

    Source: Kingma and Welling 2014, arXiv 1312.6114, appendix B.
    """
    return -0.5 * (1.0 + log_var - ops.square(mean) - ops.exp(log_var))


class ELBO:
    """Mean over rows of CE + beta * w * KL.

        CE = sum (or mean) over positions of -log p(x_t | z),  KL = sum over dimensions d of max(f, KL_d)
        w = min(1, (batches + 1) / anneal), 1 without annealing

    Args:
        reduction: over positions. `mean` weighs the KL as many times too much as a row has positions: the
            posterior collapses to the prior.
        beta: weight of the KL.
        anneal: batches of training over which the weight of the KL rises from 0 to beta; 0 for none.
        free_bits: f, nats of every dimension that cost nothing, in every row.

    Source: Kingma and Welling 2014, arXiv 1312.6114; beta: Higgins et al. 2017; annealing: Bowman et al.
    2016, arXiv 1511.06349; free bits: Kingma et al. 2016, arXiv 1606.04934.
    """

    def __init__(
        self,
        reduction: Literal["sum", "mean"] = "sum",
        beta: float = 1.0,
        anneal: int = 0,
        free_bits: float = 0.0,
    ) -> None:
        self.reduction = reduction
        self.beta = beta
        self.anneal = anneal
        self.free_bits = free_bits

    def __call__(
        self, cross_entropy: tf.Tensor, kl: tf.Tensor, mask: tf.Tensor, batches: tf.Tensor | int
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Sum of the loss and number of real rows, float32 scalars; 0 and 0 for a batch of empty rows.

        Args:
            cross_entropy: -log p(x_t | z), (B, T) float32.
            kl: of every dimension, (B, L) float32.
            mask: (B, T) bool.
            batches: how many batches were trained on before this one.
        """
        real = ops.cast(mask, "float32")
        rows = real[:, 0]
        reconstruction = ops.sum(cross_entropy * real, 1)
        if self.reduction == "mean":
            reconstruction = reconstruction / ops.maximum(ops.sum(real, 1), 1.0)
        divergence = ops.sum(ops.maximum(kl, self.free_bits), 1)
        total = ops.sum(rows * (reconstruction + self.weight(batches) * divergence))
        return total, ops.sum(rows)

    def weight(self, batches: tf.Tensor | int) -> tf.Tensor | float:
        """beta * w after so many batches."""
        if not self.anneal:
            return self.beta
        return self.beta * ops.minimum(1.0, (ops.cast(batches, "float32") + 1.0) / self.anneal)
