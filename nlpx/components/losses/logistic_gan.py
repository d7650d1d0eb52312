"""The objective of the original GAN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from nlpx.components.losses.adversarial import Adversarial
from nlpx.core.lazy import ops

if TYPE_CHECKING:
    from tensorflow import Tensor


class LogisticGAN(Adversarial):
    """Logistic regression with the logit D; the generator minimizes the non-saturating form.

    D: E[log(1 + e^D(x))] + E[log(1 + e^-D(G(z)))],  G: E[log(1 + e^D(G(z)))]

    Options:
        generator_weight: weight of the term `generator`; it matters for SGD, but not for Adam.
        penalty: penalty on the gradient of the score; none by default.
    Shapes: scores (B,) of real samples, and twice of generated ones; gradients (B,).
    Data: samples without labels.
    Relations: does not converge without a penalty; centre 0 at real samples is the penalty R1.
    Reference: Goodfellow et al. 2014, arXiv 1406.2661; Mescheder et al. 2018, arXiv 1801.04406.
    Example:
        loss: {type: logistic_gan, penalty: {at: real, weight: 1}}
    """

    type: Literal["logistic_gan"] = "logistic_gan"

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        return ops.softplus(real) + ops.softplus(-fake)

    def generator(self, fake: Tensor) -> Tensor:
        return ops.softplus(fake)
