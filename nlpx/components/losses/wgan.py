"""The Wasserstein objective of a GAN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from nlpx.components.losses.adversarial import Adversarial

if TYPE_CHECKING:
    from tensorflow import Tensor


class WGAN(Adversarial):
    """Wasserstein objective: if D is 1-Lipschitz, it estimates the distance of both distributions.

    D: E[D(x)] - E[D(G(z))],  G: E[D(G(z))]

    Options:
        generator_weight: weight of the term `generator`; it matters for SGD, but not for Adam.
        penalty: penalty on the gradient of the score; none by default.
    Shapes: scores (B,) of real samples, and twice of generated ones; gradients (B,).
    Data: samples without labels.
    Relations: requires model.discriminator.spectral_norm, or the penalty with centre 1.
    Reference: Arjovsky et al. 2017, arXiv 1701.07875; the penalty: Gulrajani et al. 2017, arXiv 1704.00028.
    Example:
        loss: {type: wgan, penalty: {centre: 1, weight: 10}}
    """

    type: Literal["wgan"] = "wgan"

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        return real - fake

    def generator(self, fake: Tensor) -> Tensor:
        return fake
