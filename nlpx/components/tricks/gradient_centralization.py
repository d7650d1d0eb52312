"""Gradient centralization."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr

from nlpx.components.tricks.base import Pair, Trick
from nlpx.core.lazy import keras, tf
from nlpx.core.options import Pattern


class GradientCentralization(Trick):
    """Subtract from the gradient of a kernel its mean over the inputs of each output.

    g <- g - mean of g over all dimensions but the last

    Options:
        only: patterns of the names of the variables; those with fewer than two dimensions are left out.
    Shapes: kernels of dense layers, convolutions and recurrent layers, with the outputs last.
    Data: any.
    Relations: the sum of the weights of an output stays what it was with sgd, which regularizes and may speed
        up training. Means nothing for embeddings, whose rows are not inputs of one sum. Reads and
        writes the gradients once more.
    Reference: Yong et al. 2020, arXiv 2004.01461.
    Example:
        tricks: [gradient_centralization]
    """

    type: Literal["gradient_centralization"] = "gradient_centralization"
    only: Annotated[list[Pattern], Field(min_length=1)] = ["*kernel"]

    _group: list[Any] = PrivateAttr(default_factory=list)

    def build(self, weights: Sequence[keras.Variable]) -> None:
        chosen = self.chosen(self.only, weights, "only")
        self._group = [variable for variable in chosen if variable.trainable and len(variable.shape) > 1]

    def gradients(self, pairs: Sequence[Pair]) -> list[Pair]:
        mine = set(map(id, self._group))
        return [
            (_centralized(gradient), variable)
            if gradient is not None and id(variable) in mine
            else (gradient, variable)
            for gradient, variable in pairs
        ]

    def describe(self) -> list[str]:
        return [self.group("gradients of", self._group)]


def _centralized(gradient: tf.Tensor) -> tf.Tensor:
    return gradient - tf.reduce_mean(gradient, list(range(gradient.shape.rank - 1)), keepdims=True)
