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
        self._groups, self._factors = {}, {}
        for pattern, factor in self.multipliers.items():
            chosen = self.chosen([pattern], weights, "multipliers")
            self._groups[pattern] = [v for v in chosen if v.trainable and key_of(v) not in self._factors]
            self._factors |= {key_of(variable): factor for variable in self._groups[pattern]}

    def still(self, weights: Sequence[keras.Variable]) -> list[keras.Variable]:
        factors: dict[int, Any] = {}
        for pattern, factor in self.multipliers.items():
            for variable in self.chosen([pattern], weights, "multipliers"):
                factors.setdefault(id(variable), factor)
        return [v for v in weights if bounds(factors.get(id(v), 1.0)) == (0, 0)]

    def around(self, variable: tf.Variable, rate: tf.Tensor, change: Callable[[tf.Tensor], None]) -> None:
        factor = self._factors.get(key_of(variable))
        change(rate if factor is None else rate * now(factor))

    def describe(self) -> list[str]:
        return [
            self.group(f"{pattern} x {shown(self.multipliers[pattern])}", group)
            for pattern, group in self._groups.items()
        ]
