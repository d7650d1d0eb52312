"""Learning rates that fall from the output of a model to its input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, PrivateAttr

from nlpx.components.tricks.per_variable import PerVariable, key_of
from nlpx.core.lazy import keras, tf


class LayerDecay(PerVariable):
    """Multiply the learning rate of a part of the model by factor^(number of parts after it).

    Options:
        factor: of the rate, from a part to the one before it; the last part keeps its rate.
    Shapes: as the weights.
    Data: any.
    Relations: helps where the layers near the input are pretrained and those near the output are new. The
        parts are those that stages freeze; those in which nothing is trained do not count, and variables of
        the objective that belong to no part keep their rate. Multiplies with `lr_multipliers`, and weight
        decay is multiplied as well. Costs nothing.
    Reference: Howard and Ruder 2018, arXiv 1801.06146; Clark et al. 2020, arXiv 2003.10555.
    Example:
        tricks:
          - {type: layer_decay, factor: 0.8}
    """

    excludes: ClassVar = {"trick/layer_decay": "the factors of the two would be multiplied; set one factor"}
    type: Literal["layer_decay"] = "layer_decay"
    factor: Annotated[float, Field(gt=0, lt=1)] = 0.8

    _groups: list[tuple[float, list[Any]]] = PrivateAttr(default_factory=list)
    _factors: dict[str, float] = PrivateAttr(default_factory=dict)

    def build(self, weights: Sequence[keras.Variable]) -> None:
        trained = {key_of(weight) for weight in weights if weight.trainable}
        parts = [[v for v in part if key_of(v) in trained] for part in self.course.parts]
        self._groups, self._factors = [], {}
        for after, part in enumerate(reversed([part for part in parts if part])):
            group = [variable for variable in part if key_of(variable) not in self._factors]
            self._factors |= {key_of(variable): self.factor**after for variable in group}
            self._groups.insert(0, (self.factor**after, group))

    def around(self, variable: tf.Variable, rate: tf.Tensor, change: Callable[[tf.Tensor], None]) -> None:
        factor = self._factors.get(key_of(variable), 1.0)
        change(rate if factor == 1.0 else rate * factor)

    def describe(self) -> list[str]:
        return [self.group(f"x {factor:.4g}", group) for factor, group in self._groups]
