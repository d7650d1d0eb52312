"""What softmax losses share that give every class a vector, and the right class a margin."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, PrivateAttr

from nlpx.components.losses.base import Loss, Term, Values
from nlpx.core.lazy import ops, tf
from nlpx.core.options import PositiveFloat

if TYPE_CHECKING:
    from keras.layers import Layer
    from tensorflow import Tensor

Margin = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class ClassLoss(Loss):
    """Softmax over cosines with class vectors, where psi replaces the cosine of the right class.

    L = -log( e^(s psi(c_t)) / (e^(s psi(c_t)) + sum_(i != t) e^(s c_i)) ),  psi(c) <= c

    To compute the softmax of everything and take e^(s c_t) out again, as is seen elsewhere, loses all digits
    in float32 and gives negative or infinite losses.

    Options:
        scale: s; cosines alone would leave the softmax almost flat.
        class_vectors: brought to length 1 in use (normalized); or after every update and not in use
            (constrained), so that before the first one their products with sentences are no cosines, and
            gradients also point along them.
    """

    needs: ClassVar[frozenset[str]] = frozenset({"vector", "group"})
    counts: ClassVar[str] = "sentences"

    scale: PositiveFloat = 30.0
    class_vectors: Literal["normalized", "constrained"] = "normalized"

    _vectors: Any = PrivateAttr(None)

    @abstractmethod
    def psi(self, cosine: Tensor) -> Tensor:
        """What the cosine with the right class is replaced by, never more than it; any shape."""

    def build(self, sizes: Mapping[str, int]) -> None:
        from nlpx.layers.class_vectors import ClassVectors

        self._vectors = ClassVectors(sizes["classes"], self.class_vectors == "constrained", name="classes")
        self._vectors.build((None, sizes["width"]))

    @property
    def layers(self) -> list[Layer]:
        return [] if self._vectors is None else [self._vectors]

    def terms(self, values: Values, step: Tensor | int) -> dict[str, Term]:
        return {"loss": self.softmax(self._vectors(values["vector"]), values["group"], values["mask"])}

    def softmax(self, cosines: Tensor, classes: Tensor, real: Tensor) -> Term:
        """The term over cosines (B, C) float32, classes (B,) int32 and real rows (B,) bool."""
        right = ops.one_hot(classes, cosines.shape[-1], dtype="bool")
        logits = self.scale * ops.where(right, self.psi(cosines), cosines)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(classes, logits)
        weights = ops.cast(real, "float32")
        return Term(ops.sum(losses * weights), ops.sum(weights))
