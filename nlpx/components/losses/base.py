"""What an objective is: named terms, each a sum and what it is divided by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from nlpx.core.component import Component

if TYPE_CHECKING:
    import keras
    from tensorflow import Tensor


class Term(NamedTuple):
    """A part of an objective: coefficient * (sum of sums) / (sum of weights), over the batches of an update.

    Attributes:
        sum: over the batch, float32 scalar.
        weight: what the sum is divided by, float32 scalar; 0 for a batch that has nothing to say.
        coefficient: the share of the mean in the objective; the same for all micro-batches of an update.
    """

    sum: Tensor
    weight: Tensor
    coefficient: float | Tensor = 1.0


class Loss(Component):
    """The base of every objective.

    total = sum over terms of coefficient * (sum of sums) / (sum of weights), a term of weight 0 counts 0

    State (class vectors, ...) lives in private attributes that `build` makes anew, so that a copy of the
    options is a fresh objective. It is trained and saved with the model, but is no part of it.
    """

    kind: ClassVar[str] = "loss"
    needs: ClassVar[frozenset[str]] = frozenset()
    """The values it reads."""

    @property
    def unit(self) -> str:
        """What the weights count, as a person reads it beside a speed."""
        return "chars"

    def build(self, sizes: Mapping[str, int]) -> None:
        """Create the variables; most objectives have none.

        Args:
            sizes: what the learner knows: `classes`, `width` of a vector or feature, ...
        """

    @property
    def trainable_variables(self) -> list[keras.Variable]:
        """What is trained with the weights of the model."""
        return []

    @property
    def variables(self) -> list[keras.Variable]:
        """What a checkpoint must hold."""
        return self.trainable_variables

    def __call__(self, values: Mapping[str, Tensor], step: Tensor) -> dict[str, Term]:
        """The terms over one batch, by name. Traced into the compiled step.

        Args:
            values: outputs of the model and fields of the batch, by name; those in `needs` are among them.
            step: number of updates made so far, int32 scalar.
        """
        raise NotImplementedError
