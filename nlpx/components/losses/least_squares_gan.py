"""The least squares objective of a GAN."""

from __future__ import annotations

from typing import Literal

from nlpx.components.losses.adversarial import Adversarial
from nlpx.core.lazy import ops, tf


class LeastSquaresGAN(Adversarial):
    """Least squares: the score of real samples should be 0, that of generated samples 1.

    D: (E[D(x)^2] + E[(D(G(z)) - 1)^2]) / 2,  G: E[D(G(z))^2] / 2

    Options: none of its own.
    Shapes: scores (B,) of real samples, and twice of generated ones; gradients (B,).
    Data: samples without labels.
    Relations: not a game about one number, so that it cannot be trained by reversing gradients.
    Reference: Mao et al. 2017, arXiv 1611.04076.
    Example:
        loss: {type: least_squares_gan}
    """

    type: Literal["least_squares_gan"] = "least_squares_gan"

    def discriminator(self, real: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
        return (ops.square(real) + ops.square(fake - 1.0)) / 2

    def generator(self, fake: tf.Tensor) -> tf.Tensor:
        return ops.square(fake) / 2
