"""The objective of the original GAN."""

from __future__ import annotations

from typing import Literal

from nlpx.components.losses.adversarial import Adversarial
from nlpx.core.lazy import ops, tf


class LogisticGAN(Adversarial):
    """Logistic regression with the logit D; the generator minimizes the non-saturating form.

    D: E[log(1 + e^D(x))] + E[log(1 + e^-D(G(z)))],  G: E[log(1 + e^D(G(z)))]

    Options: none of its own.
    Shapes: scores (B,) of real samples, and twice of generated ones; gradients (B,).
    Data: samples without labels.
    Relations: does not converge without a penalty; centre 0 at real samples is the penalty R1.
    Reference: Goodfellow et al. 2014, arXiv 1406.2661; Mescheder et al. 2018, arXiv 1801.04406.
    Example:
        loss: {type: logistic_gan, penalty: {at: real, weight: 1}}
    """

    type: Literal["logistic_gan"] = "logistic_gan"

    def discriminator(self, real: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
        return ops.softplus(real) + ops.softplus(-fake)

    def generator(self, fake: tf.Tensor) -> tf.Tensor:
        return ops.softplus(fake)
