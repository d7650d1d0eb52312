"""What an objective is: named terms, each a sum and what it is divided by."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, NamedTuple, TypeAlias

from nlpx.core.component import Component
from nlpx.core.lazy import tf

if TYPE_CHECKING:
    from keras import Variable
    from keras.layers import Layer
    from tensorflow import Tensor

Values: TypeAlias = Mapping[str, "Tensor"]
"""By the names of nlpx.components.values."""


class Term(NamedTuple):
    """A part of an objective: coefficient * (sum of sums) / (sum of weights), over the batches of an update.

    Attributes:
        sum: over the batch, float32 scalar.
        weight: what the sum is divided by, float32 scalar; 0 for a batch that has nothing to say.
        coefficient: of the mean in the objective; the same for all micro-batches of an update.
    """

    sum: Tensor
    weight: Tensor
    coefficient: float | Tensor = 1.0


class Loss(Component):
    """The base of every objective. One of them says what it `needs` of a model, and its `terms`.

    total = sum over terms of coefficient * (sum of sums) / (sum of weights), a term of weight 0 counts 0

    State (class vectors, ...) lives in private attributes that `build` makes anew, so that a copy of the
    options is a fresh objective. It is trained and saved with the model, but is no part of it.
    """

    kind: ClassVar[str] = "loss"
    counts: ClassVar[str] = "rows"
    """What the weights count, as a person reads it beside a speed."""
    compares: ClassVar[bool] = False
    """Whether it compares the rows of a batch with one another: micro-batches then are not one batch."""

    @property
    def unit(self) -> str:
        """What the weights count, where options decide it."""
        return self.counts

    @property
    def reads(self) -> frozenset[str]:
        """The values it reads with its options: `needs`, and those that an option asks for."""
        return self.needs

    def build(self, sizes: Mapping[str, int]) -> None:
        """Create the layers; most objectives have none.

        Args:
            sizes: what the learner knows: `classes`, how many there are; `width` of a vector or feature.
        """

    @property
    def layers(self) -> list[Layer]:
        """Those whose weights are trained with the model, and can be frozen in a stage by their names."""
        return []

    @property
    def variables(self) -> list[Variable]:
        """What a checkpoint must hold; the trainable ones are trained with the weights of the model."""
        return [variable for layer in self.layers for variable in layer.variables]

    @property
    def trainable_variables(self) -> list[Variable]:
        """Those that gradients change."""
        return [variable for variable in self.variables if variable.trainable]

    def __call__(self, values: Values, step: Tensor | int) -> dict[str, Term]:
        """The terms over one batch, by name. Traced into the compiled step.

        Args:
            values: outputs of the model and fields of the batch, by the names of nlpx.components.values:
                `mask`, those in `reads`, and others. What was computed in 16 bits is widened to float32.
            step: number of updates made so far, int32 scalar.
        """
        return self.terms({name: _widened(value) for name, value in values.items()}, step)

    @abstractmethod
    def terms(self, values: Values, step: Tensor | int) -> dict[str, Term]:
        """What `__call__` returns, from values that are float32, int32 or bool. One term is called `loss`."""


def _widened(value: Tensor) -> Tensor:
    value = tf.convert_to_tensor(value)
    return tf.cast(value, tf.float32) if value.dtype in (tf.float16, tf.bfloat16) else value
