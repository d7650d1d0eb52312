"""Learning rates that fall from the output of a model to its input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, PrivateAttr

from nlpx.components.tricks.per_variable import PerVariable, key_of
from nlpx.components.varying import Scheduled, Varying, now, peak
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
    factor: Varying[Annotated[float, Field(gt=0, lt=1)]] = 0.8

    _groups: list[tuple[int, list[Any]]] = PrivateAttr(default_factory=list)
    _after: dict[str, int] = PrivateAttr(default_factory=dict)
    """Parts after that of a variable."""

    def build(self, weights: Sequence[keras.Variable]) -> None:
        trained = {key_of(weight) for weight in weights if weight.trainable}
        parts = [[v for v in part if key_of(v) in trained] for part in self.course.parts]
        self._groups, self._after = [], {}
        for after, part in enumerate(reversed([part for part in parts if part])):
            group = [variable for variable in part if key_of(variable) not in self._after]
            self._after |= {key_of(variable): after for variable in group}
            self._groups.insert(0, (after, group))

    def around(self, variable: tf.Variable, rate: tf.Tensor, change: Callable[[tf.Tensor], None]) -> None:
        after = self._after.get(key_of(variable), 0)
        change(rate * now(self.factor) ** after if after else rate)

    def describe(self) -> list[str]:
        how = f" ({self.factor.schedule.type})" if isinstance(self.factor, Scheduled) else ""
        return [
            self.group(f"x {peak(self.factor) ** after:.4g}{how if after else ''}", group)
            for after, group in self._groups
        ]
