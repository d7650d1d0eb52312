"""The objective of a maximum-entropy generator."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.losses.adversarial import Adversarial, DiscriminatorPenalty
from nlpx.components.losses.base import Term, Values
from nlpx.components.varying import Varying, now
from nlpx.core.lazy import ops, tf
from nlpx.core.options import NonNegativeFloat


class MaximumEntropy(Adversarial):
    """An energy U, and a generator that draws from e^-U: low energy, but as much entropy as possible.

    U: E[U(x)] - E[U(G(z))] + w E|U'(x)|^2,  G, E: E[U(G(z)) + entropy * |z - E(G(z))|^2]

    Options:
        entropy: weight of the distance between the noise and what the encoder E makes of the generated
            sample, a bound of the entropy of samples; without it, the generator may leave out modes.
        penalty: penalty on the gradient of the energy, at real samples and with centre 0 by default.
    Shapes: energies (B,) of real samples, and twice of generated ones; distances and gradients (B,).
    Data: samples without labels.
    Relations: needs model.encoder, whose weights are trained with those of the generator, and at most as
        many latent dimensions as samples have: otherwise no encoder can find the noise. The discriminator
        is the energy, from which the decoder langevin draws samples. It excludes nothing; the third network
        costs about as much as the generator.
    Reference: Kumar et al. 2019, arXiv 1901.08508; kexue.fm archive 6331.
    Example:
        model: {encoder: {type: dense}}
        loss: {type: maximum_entropy, entropy: 0.1, penalty: {at: real, weight: 0.01}}
    """

    needs: ClassVar[frozenset[str]] = Adversarial.needs | {"noise_error"}

    type: Literal["maximum_entropy"] = "maximum_entropy"
    entropy: Varying[NonNegativeFloat] = 1.0
    penalty: DiscriminatorPenalty | None = DiscriminatorPenalty(at="real")

    def discriminator(self, real: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
        return real - fake

    def generator(self, fake: tf.Tensor) -> tf.Tensor:
        return fake

    def terms(self, values: Values, step: tf.Tensor | int) -> dict[str, Term]:
        terms = super().terms(values, step)
        mask = ops.cast(values["mask"], "float32")
        error = Term(ops.sum(values["noise_error"] * mask), ops.sum(mask), now(self.entropy))
        return {**terms, "entropy": error}
