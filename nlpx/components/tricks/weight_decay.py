"""Decoupled weight decay for optimizers without one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from pydantic import PrivateAttr, field_validator

from nlpx.components.tricks.base import Trick
from nlpx.components.tricks.per_variable import DECAYS, at_rate, singles
from nlpx.components.varying import Scheduled, Varying, now, peak, shown
from nlpx.core.component import Component
from nlpx.core.lazy import keras
from nlpx.core.options import NonNegativeFloat, Pattern


class WeightDecay(Trick):
    """Shrink the weights in each update: w <- w - learning_rate * rate * w, before the step of the optimizer.

    Options:
        rate: fraction that is subtracted, multiplied by the learning rate.
        exclude: patterns of the names of further variables that do not decay.
        vectors: whether variables with one dimension or none decay as well, such as biases and the factors
            of normalization layers.
    Shapes: as the weights.
    Data: any.
    Relations: multiplied by the learning rate of the update, with its schedule, its multipliers and its
        layer decay; adam with it is adamw with exclusions. Variables without a gradient do not decay. Cannot
        be added to the weight decay of an optimizer. With sgd without momentum it is the same as adding
        rate / 2 * |w|^2 to the objective, with adaptive optimizers it is not. Costs nothing.
    Reference: Loshchilov and Hutter 2019, arXiv 1711.05101.
    Example:
        tricks:
          - {type: weight_decay, rate: 0.01, exclude: ["embedding/*"]}
    """

    excludes: ClassVar = {
        "trick/weight_decay": "an optimizer has one weight decay; list its exclusions in one",
        "optimizer/ftrl": "it computes the weights from its state alone; it has l2_regularization_strength",
    }
    type: Literal["weight_decay"] = "weight_decay"
    rate: Varying[NonNegativeFloat] = 0.01
    exclude: list[Pattern] = []
    vectors: bool = False

    _optimizers: list[Any] = PrivateAttr(default_factory=list)
    _groups: dict[str, list[Any]] = PrivateAttr(default_factory=dict)

    @field_validator("rate")
    @classmethod
    def _decays(cls, rate: float | Scheduled) -> float | Scheduled:
        if not peak(rate):
            raise ValueError("with a rate of 0 nothing decays; leave weight_decay out")
        return rate

    def conflict(self, optimizer: Component) -> str:
        own = [name for name in type(optimizer).model_fields if name.endswith("weight_decay")]
        decayed = [f"{name} {value:g}" for name in own if (value := getattr(optimizer, name))]
        reason = f"it has {' and '.join(decayed)} of its own; set that to 0, or leave this out"
        return reason if decayed else super().conflict(optimizer)

    def optimizer(self, optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
        self._optimizers = list(singles(optimizer))
        for single in self._optimizers if isinstance(self.rate, Scheduled) else ():
            self._follow(single)
        return optimizer

    def _follow(self, optimizer: keras.optimizers.Optimizer) -> None:
        """Let a weight decay of the peak follow the schedule."""
        decay = optimizer._apply_weight_decay

        def apply_weight_decay(variables: Sequence[keras.Variable]) -> None:
            with at_rate(optimizer, optimizer.learning_rate * (now(self.rate) / peak(self.rate))):
                decay(variables)

        optimizer._apply_weight_decay = apply_weight_decay

    def build(self, weights: Sequence[keras.Variable]) -> None:
        trained = [weight for weight in weights if weight.trainable]
        spared = list(map(id, self.chosen(self.exclude, trained, "exclude")))
        spared += [id(weight) for weight in trained if len(weight.shape) < 2 and not self.vectors]
        decayed = [weight for weight in trained if id(weight) not in spared]
        without = [weight for weight in trained if id(weight) in spared]
        self._groups = {shown(self.rate): decayed, "none": without}
        for optimizer in self._optimizers:
            for name in DECAYS:
                if hasattr(optimizer, name):
                    setattr(optimizer, name, peak(self.rate))
            optimizer.exclude_from_weight_decay(var_list=without)

    def describe(self) -> list[str]:
        return [self.group(label, group) for label, group in self._groups.items()]
