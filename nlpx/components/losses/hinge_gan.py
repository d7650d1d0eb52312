"""The hinge objective of a GAN."""

from __future__ import annotations

from typing import Literal

from nlpx.components.losses.adversarial import Adversarial
from nlpx.core.lazy import ops, tf


class HingeGAN(Adversarial):
    """Hinge objective: the discriminator separates the scores of both kinds of samples by a margin.

    D: E[max(0, 1 + D(x))] + E[max(0, 1 - D(G(z)))],  G: E[D(G(z))]

    Options: none of its own.
    Shapes: scores (B,) of real samples, and twice of generated ones; gradients (B,).
    Data: samples without labels.
    Relations: usually with model.discriminator.spectral_norm.
    Reference: Lim and Ye 2017, arXiv 1705.02894; with this sign: kexue.fm archive 6387.
    Example:
        loss: {type: hinge_gan}
    """

    type: Literal["hinge_gan"] = "hinge_gan"

    def discriminator(self, real: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
        return ops.relu(1.0 + real) + ops.relu(1.0 - fake)

    def generator(self, fake: tf.Tensor) -> tf.Tensor:
        return fake
