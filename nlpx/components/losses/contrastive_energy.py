"""The objective of an energy without a generator."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.losses.base import Loss, Term, Values
from nlpx.components.varying import Varying, now
from nlpx.core.lazy import ops
from nlpx.core.options import NonNegativeFloat


class ContrastiveEnergy(Loss):
    """An energy U that is low for real samples x and high for samples x' of Langevin dynamics.

    E[U(x)] - E[U(x')] + squares * (E[U(x)^2] + E[U(x')^2])

    Options:
        squares: weight of the squares, which keep energies near 0.
    Shapes: energies (B,) of real samples and of others.
    Data: samples without labels.
    Relations: experimental. Needs model.replay, whose samples take the place of those of a generator, and
        usually model.discriminator.spectral_norm. A step computes as many gradients of the energy as a chain
        has steps.
    Reference: Du and Mordatch 2019, arXiv 1903.08689; kexue.fm archive 6612, which subtracts the last square.
    Example:
        model: {replay: {steps: 20}}
        loss: {type: contrastive_energy, squares: 0.1}
    """

    needs: ClassVar[frozenset[str]] = frozenset({"real_score", "fake_score"})
    counts: ClassVar[str] = "samples"
    phased: ClassVar[bool] = True

    type: Literal["contrastive_energy"] = "contrastive_energy"
    squares: Varying[NonNegativeFloat] = 0.1

    def terms(self, values: Values, step: object) -> dict[str, Term]:
        mask = ops.cast(values["mask"], "float32")
        real, fake = values["real_score"] * mask, values["fake_score"] * mask
        count = ops.sum(mask)
        squares = ops.sum(ops.square(real) + ops.square(fake))
        return {
            "discriminator": Term(ops.sum(real - fake), count),
            "squares": Term(squares, count, now(self.squares)),
        }
