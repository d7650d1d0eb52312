"""Base class of adversarial objectives: the terms of a generator and of a discriminator."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, Literal

from nlpx.components.losses.base import Loss, Term, Values
from nlpx.components.varying import Varying, now
from nlpx.core.component import Section
from nlpx.core.lazy import ops, tf
from nlpx.core.options import NonNegativeFloat, PositiveFloat


class DiscriminatorPenalty(Section):
    """A penalty on the gradient of the score D in its input: weight * E[(|D'(x)| - centre)^2].

    Options:
        weight: its weight in the objective of the discriminator.
        centre: 0 pulls the gradient to zero, and training converges; 1 is that of WGAN-GP.
        at: x between a real and a generated sample (mixed), or one of these (real, fake).
        one_sided: penalize only gradients that are larger than centre.
    """

    weight: Varying[PositiveFloat] = 1.0
    centre: NonNegativeFloat = 0.0
    at: Literal["mixed", "real", "fake"] = "mixed"
    one_sided: bool = False

    def of(self, squared: tf.Tensor) -> tf.Tensor:
        """The penalty without its weight, (B,), for squared norms of gradients (B,)."""
        if not self.centre:
            return squared
        # The gradient of the root is finite where its argument is 0.
        distance = ops.sqrt(ops.maximum(squared, 1e-12)) - self.centre
        return ops.square(ops.maximum(distance, 0.0) if self.one_sided else distance)


class Adversarial(Loss):
    """A discriminator whose score D is low for real samples x, and a generator G that lowers D(G(z)).

    Options:
        generator_weight: weight of the term `generator`; with SGD, the ratio of the learning rates of
            generator and discriminator. It has no effect with Adam, which divides gradients by their size.
        penalty: penalty on the gradient of the score; none by default.
    """

    needs: ClassVar[frozenset[str]] = frozenset({"real_score", "fake_score", "generator_score"})
    counts: ClassVar[str] = "samples"
    phased: ClassVar[bool] = True

    generator_weight: Varying[PositiveFloat] = 1.0
    penalty: DiscriminatorPenalty | None = None

    @property
    def reads(self) -> frozenset[str]:
        return self.needs | ({f"{self.penalty.at}_gradient"} if self.penalty else set())

    @abstractmethod
    def discriminator(self, real: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
        """What the discriminator minimizes, (B,), for D(x) and D(G(z)), (B,) float32."""

    @abstractmethod
    def generator(self, fake: tf.Tensor) -> tf.Tensor:
        """What the generator minimizes, (B,), for D(G(z)), (B,) float32."""

    def terms(self, values: Values, step: tf.Tensor | int) -> dict[str, Term]:
        mask = ops.cast(values["mask"], "float32")
        count = ops.sum(mask)

        def term(losses: tf.Tensor, coefficient: float | tf.Tensor = 1.0) -> Term:
            return Term(ops.sum(losses * mask), count, coefficient)

        terms = {
            "discriminator": term(self.discriminator(values["real_score"], values["fake_score"])),
            "generator": term(self.generator(values["generator_score"]), now(self.generator_weight)),
        }
        if self.penalty:
            squared = values[f"{self.penalty.at}_gradient"]
            terms["penalty"] = term(self.penalty.of(squared), now(self.penalty.weight))
        return terms
