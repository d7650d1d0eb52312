"""Weights that are divided by their spectral norms after each update."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, PrivateAttr

from nlpx.components.tricks.base import Trick
from nlpx.core.lazy import keras
from nlpx.core.options import Pattern, PositiveInt


class SpectralNormConstraint(Trick):
    """Divide some weights by their spectral norms after each update: W <- W / sigma(W).

    Options:
        only: patterns of the names of the weights: kernels, embeddings, factors of batch normalization.
        iterations: steps of the power iteration in each update, from the same random vector.
    Shapes: a weight is taken as a matrix (product of all dimensions but the last, last); the norm of a vector
        of factors is max |w|.
    Data: any.
    Relations: what `SpectralNormalization` and `kernel_constraint` of Keras do. The gradient does not see the
        division, and is inaccurate late in training, where the reference reports worse images than with
        spectral_norm. Nothing is divided before the first update. Costs `iterations` products of each weight
        with vectors per update.
    Reference: kexue.fm archives 6051 and 6311.
    Example:
        tricks:
          - {type: spectral_norm_constraint, only: ["encoder_*/kernel"]}
    """

    excludes: ClassVar = {
        "trick/spectral_norm": "both divide by the norm; keep one of them",
        "optimizer/ftrl": "it computes the weights from its state alone",
    }
    precedes: ClassVar = dict.fromkeys(("trick/ema", "trick/swa"), "it averages what was divided")
    type: Literal["spectral_norm_constraint"] = "spectral_norm_constraint"
    only: Annotated[list[Pattern], Field(min_length=1)] = ["*kernel"]
    iterations: PositiveInt = 5

    _group: list[Any] = PrivateAttr(default_factory=list)

    def build(self, weights: Sequence[keras.Variable]) -> None:
        self._group = [v for v in self.chosen(self.only, weights, "only") if v.trainable]

    def update(self, weights: Sequence[keras.Variable]) -> None:
        from nlpx.layers.constraints import SpectralConstraint

        constraint = SpectralConstraint(self.iterations)
        for variable in self._group:
            variable.assign(constraint(variable.value))

    def describe(self) -> list[str]:
        return [self.group("divided by their spectral norms", self._group)]
