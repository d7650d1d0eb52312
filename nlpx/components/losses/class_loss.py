"""Base class of softmax losses with class vectors and a margin."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, PrivateAttr

from nlpx.components.losses.base import Loss, Term, Values
from nlpx.components.varying import Varying, now
from nlpx.core.lazy import keras, ops, tf
from nlpx.core.options import PositiveFloat
from nlpx.layers.cross_entropy import sparse_cross_entropy
from nlpx.layers.unit import unit

Margin = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class ClassLoss(Loss):
    """Softmax over cosines with class vectors, with psi applied to the cosine of the correct class.

    L = -log( e^(s psi(c_t)) / (e^(s psi(c_t)) + sum_(i != t) e^(s c_i)) ),  psi(c) <= c

    Other implementations compute the softmax of all classes and then subtract e^(s c_t). This loses all
    digits in float32 and gives negative or infinite losses.

    Options:
        scale: s; with unscaled cosines, the softmax would be almost uniform.
        class_vectors: normalized when used (normalized), or after every update and not when used
            (constrained), in which case their products with sentence vectors are not cosines before the first
            update, and gradients have a component along them.
    """

    needs: ClassVar[frozenset[str]] = frozenset({"vector", "group"})
    counts: ClassVar[str] = "sentences"

    scale: Varying[PositiveFloat] = 30.0
    class_vectors: Literal["normalized", "constrained"] = "normalized"

    _vectors: Any = PrivateAttr(None)

    @abstractmethod
    def psi(self, cosine: tf.Tensor) -> tf.Tensor:
        """Replaces the cosine with the correct class, and does not exceed it; any shape."""

    def build(self, sizes: Mapping[str, int]) -> None:
        constraint = keras.constraints.UnitNorm(axis=0) if self.class_vectors == "constrained" else None
        options = {"use_bias": False, "kernel_constraint": constraint, "dtype": "float32", "name": "classes"}
        self._vectors = keras.layers.Dense(sizes["classes"], **options)
        self._vectors.build((None, sizes["width"]))

    @property
    def layers(self) -> list[keras.layers.Layer]:
        return [] if self._vectors is None else [self._vectors]

    def terms(self, values: Values, step: tf.Tensor | int) -> dict[str, Term]:
        return {"loss": self.softmax(self.cosines(values["vector"]), values["group"], values["mask"])}

    def cosines(self, vectors: tf.Tensor) -> tf.Tensor:
        """Of vectors (B, D) of length 1 with the vectors of all classes, (B, C)."""
        kernel = ops.convert_to_tensor(self._vectors.kernel)
        # Normalized in use, they have the gradient of the cosine.
        return ops.matmul(vectors, kernel if self.class_vectors == "constrained" else unit(kernel, 0))

    def softmax(self, cosines: tf.Tensor, classes: tf.Tensor, real: tf.Tensor) -> Term:
        """The term for cosines (B, C) float32, classes (B,) int32 and real rows (B,) bool."""
        right = ops.one_hot(classes, cosines.shape[-1], dtype="bool")
        logits = now(self.scale) * ops.where(right, self.psi(cosines), cosines)
        losses = sparse_cross_entropy(classes, logits)
        weights = ops.cast(real, "float32")
        return Term(ops.sum(losses * weights), ops.sum(weights))
