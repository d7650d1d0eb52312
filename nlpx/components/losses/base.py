"""Base class of objectives, which return named terms of (sum, weight)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import ClassVar, NamedTuple, TypeAlias

from nlpx.components.varying import at
from nlpx.core.component import Component
from nlpx.core.lazy import keras, tf
from nlpx.layers.taps import tap

Values: TypeAlias = Mapping[str, "tf.Tensor"]
"""Values by the names in nlpx.components.values."""
Place: TypeAlias = tuple[str | int, ...]
"""Keys that lead from the options of an objective to those of one in it."""


class Term(NamedTuple):
    """A term of an objective: coefficient * (sum of sums) / (sum of weights) over the batches of an update.

    Attributes:
        sum: sum over the batch, float32 scalar.
        weight: divisor of the sum, float32 scalar; 0 for a batch that does not contribute.
        coefficient: coefficient of the mean in the objective; the same for all micro-batches of an update.
    """

    sum: tf.Tensor
    weight: tf.Tensor
    coefficient: float | tf.Tensor = 1.0


class Loss(Component):
    """Base class of objectives. A subclass declares the values it `needs` and implements `terms`.

    total = sum over terms of coefficient * (sum of sums) / (sum of weights); a term of weight 0 is 0

    State, such as class vectors, is stored in private attributes that are created by `build`, so a copy of
    the options is a new objective. It is trained and saved with the model, but does not belong to it.
    """

    kind: ClassVar[str] = "loss"
    counts: ClassVar[str] = "rows"
    """What the weights count, printed with the speed; empty for targets, which the learner names."""
    compares: ClassVar[bool] = False
    """Whether rows of a batch are compared with one another, so that micro-batches differ from one batch."""

    phased: ClassVar[bool] = False
    """Whether learners assign its terms to phases, by their names."""

    @property
    def unit(self) -> str:
        """Unit of the weights, if it depends on options."""
        return self.counts

    @property
    def reads(self) -> frozenset[str]:
        """The values that it reads with these options: `needs`, and values required by an option."""
        return self.needs

    @property
    def members(self) -> Iterator[tuple[Place, Loss]]:
        """The objectives that it consists of, with their places: itself, unless it is a sum."""
        yield (), self

    def build(self, sizes: Mapping[str, int]) -> None:
        """Create the layers; `sizes` has the number of `classes`, and the `width` of a vector or feature."""

    @property
    def layers(self) -> list[keras.layers.Layer]:
        """Layers that are trained with the model, and can be frozen in a stage by their names."""
        return []

    @property
    def variables(self) -> list[keras.Variable]:
        """Variables to save in checkpoints; trainable ones are trained with the weights of the model."""
        return [variable for layer in self.layers for variable in layer.variables]

    @property
    def trainable_variables(self) -> list[keras.Variable]:
        """The trainable variables."""
        return [variable for variable in self.variables if variable.trainable]

    def __call__(self, values: Values, step: tf.Tensor | int) -> dict[str, Term]:
        """The terms over one batch, by name, with 16-bit values as float32. Traced into the compiled step.

        Every value is the tap `value/NAME`.
        """
        widened = {name: tap(f"value/{name}", _widened(value)) for name, value in values.items()}
        with at(step):
            return self.terms(widened, step)

    @abstractmethod
    def terms(self, values: Values, step: tf.Tensor | int) -> dict[str, Term]:
        """Compute the terms from float32, int32 or bool values. A single term is called `loss`.

        `now` of nlpx.components.varying gives the value of an option that may follow a schedule.
        """


def _widened(value: tf.Tensor) -> tf.Tensor:
    value = tf.convert_to_tensor(value)
    return tf.cast(value, tf.float32) if value.dtype in (tf.float16, tf.bfloat16) else value
