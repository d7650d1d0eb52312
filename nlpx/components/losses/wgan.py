"""The Wasserstein objective of a GAN."""

from __future__ import annotations

from typing import Literal

from nlpx.components.losses.adversarial import Adversarial
from nlpx.core.lazy import tf


class WGAN(Adversarial):
    """Wasserstein objective: if D is 1-Lipschitz, it estimates the distance of both distributions.

    D: E[D(x)] - E[D(G(z))],  G: E[D(G(z))]

    Options: none of its own.
    Shapes: scores (B,) of real samples, and twice of generated ones; gradients (B,).
    Data: samples without labels.
    Relations: requires model.discriminator.spectral_norm, or the penalty with centre 1.
    Reference: Arjovsky et al. 2017, arXiv 1701.07875; the penalty: Gulrajani et al. 2017, arXiv 1704.00028.
    Example:
        loss: {type: wgan, penalty: {centre: 1, weight: 10}}
    """

    type: Literal["wgan"] = "wgan"

    def discriminator(self, real: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
        return real - fake

    def generator(self, fake: tf.Tensor) -> tf.Tensor:
        return fake
