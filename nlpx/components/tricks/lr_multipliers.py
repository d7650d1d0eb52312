"""Learning rates of their own for some variables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr

from nlpx.components.tricks.per_variable import PerVariable, key_of
from nlpx.components.varying import Varying, bounds, now, shown
from nlpx.core.lazy import keras, tf
from nlpx.core.options import NonNegativeFloat, Pattern


class LrMultipliers(PerVariable):
    """Multiply the learning rate of the variables that match a pattern.

    Options:
        multipliers: factor by pattern of the names of variables, such as `embedding/*`; of several patterns
            that match a variable, the first one counts, and a variable that none matches keeps its rate.
    Shapes: as the weights.
    Data: any.
    Relations: exact for every optimizer: each group is trained as by an optimizer of its own with that rate.
        Weight decay is multiplied as well, as it is part of the rate. A factor of 0 leaves a variable as it
        is; `freeze` also spares its state. The recorded learning rate is the one that is not multiplied.
        Costs nothing. Typical: 0.1 for pretrained embeddings; 100 for the transitions of a CRF.
    Reference: kexue.fm archive 6418, there as a reparameterization w = c * v, whose rate is c^2 times as high
        with SGD and c times as high with Adam.
    Example:
        tricks:
          - {type: lr_multipliers, multipliers: {"embedding/*": 0.1}}
    """

    type: Literal["lr_multipliers"] = "lr_multipliers"
    multipliers: Annotated[dict[Pattern, Varying[NonNegativeFloat]], Field(min_length=1)]

    _groups: dict[str, list[Any]] = PrivateAttr(default_factory=dict)
    _factors: dict[str, Any] = PrivateAttr(default_factory=dict)

    def build(self, weights: Sequence[keras.Variable]) -> None:
        self._groups = self._matched([weight for weight in weights if weight.trainable])
        self._factors = {
            key_of(variable): self.multipliers[pattern]
            for pattern, group in self._groups.items()
            for variable in group
        }

    def still(self, weights: Sequence[keras.Variable]) -> list[keras.Variable]:
        groups = self._matched(weights).items()
        return [v for pattern, group in groups if bounds(self.multipliers[pattern]) == (0, 0) for v in group]

    def _matched(self, weights: Sequence[keras.Variable]) -> dict[str, list[Any]]:
        """For each pattern, the weights of which it is the first one that matches."""
        left, groups = list(weights), dict[str, list[Any]]()
        for pattern in self.multipliers:
            groups[pattern] = self.chosen([pattern], left, "multipliers")
            left = [weight for weight in left if all(weight is not taken for taken in groups[pattern])]
        return groups

    def around(self, variable: tf.Variable, rate: tf.Tensor, change: Callable[[tf.Tensor], None]) -> None:
        factor = self._factors.get(key_of(variable))
        change(rate if factor is None else rate * now(factor))

    def describe(self) -> list[str]:
        return [
            self.group(f"{pattern} x {shown(self.multipliers[pattern])}", group)
            for pattern, group in self._groups.items()
        ]
