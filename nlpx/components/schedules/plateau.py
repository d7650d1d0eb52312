"""Reduction of the learning rate when evaluations do not improve."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, PrivateAttr

from nlpx.components.schedules.base import Schedule
from nlpx.components.tricks.base import Trick, value_of
from nlpx.core.lazy import keras, ops, tf
from nlpx.core.options import NonNegativeFloat, NonNegativeInt, PositiveInt


class Plateau(Schedule):
    """Linear warm-up, then multiply the rate by `factor` whenever the monitored metric has stopped improving.

    Options:
        factor: factor of the rate.
        patience: number of evaluations in a row without improvement after which the rate is reduced.
        min_delta: an improvement is larger than this.
        cooldown: number of evaluations after a reduction that are not counted.
        least: least rate relative to the peak.
    Shapes: step -> learning rate.
    Data: any.
    Relations: for runs whose best schedule is not known; the metric is checkpoint.monitor, evaluated every
        train.evaluate_every. A noisy metric reduces the rate too early. early_stopping should be more patient
        than this. What it has seen is saved in checkpoints, so that a resumed run has the same rates; each
        stage starts at the peak. Only for learning rates.
    Reference: keras.callbacks.ReduceLROnPlateau.
    Example:
        optimizer: {type: adam, schedule: {type: plateau, factor: 0.5, patience: 2}}
    """

    computable: ClassVar[bool] = False

    type: Literal["plateau"] = "plateau"
    factor: Annotated[float, Field(gt=0, lt=1)] = 0.1
    patience: PositiveInt = 3
    min_delta: NonNegativeFloat = 0.0
    cooldown: NonNegativeInt = 0
    least: Annotated[float, Field(ge=0, le=1)] = 0.0

    _watch: Any = PrivateAttr(None)

    def fresh(self) -> Self:
        made = self.model_copy()
        made._watch = _Watch.of(self)
        return made

    def tricks(self) -> list[Trick]:
        return [] if self._watch is None else [self._watch]

    def decay(self, step: tf.Tensor, total: int | None) -> tf.Tensor:
        share = ops.ones_like(step)
        return share if self._watch is None else share * self._watch.share.value


class _Watch(Trick):
    """Remembers the share, the best value, and numbers of evaluations: without improvement, not counted."""

    type: Literal["plateau"] = "plateau"
    _options: Any = PrivateAttr(None)
    _state: list[Any] = PrivateAttr(default_factory=list)

    @classmethod
    def of(cls, options: Plateau) -> _Watch:
        made = cls()
        made._options = options
        numbers = (("share", 1.0, "float32"), ("best", float("inf"), "float64"))
        counts = (("waited", 0, "int32"), ("rest", 0, "int32"))
        made._state = [
            keras.Variable(value, dtype=dtype, trainable=False, name=name)
            for name, value, dtype in (*numbers, *counts)
        ]
        return made

    @property
    def variables(self) -> list[keras.Variable]:
        return self._state

    @property
    def share(self) -> keras.Variable:
        """The rate relative to the peak."""
        return self._state[0]

    def evaluated(self, cost: float) -> None:
        options = self._options
        share, best, waited, rest = (value_of(variable).item() for variable in self._state)
        if rest:
            rest, waited = rest - 1, 0
        if cost < best - options.min_delta:
            best, waited = cost, 0
        elif not rest:
            waited += 1
            if waited >= options.patience:
                share, rest, waited = max(share * options.factor, options.least), options.cooldown, 0
        for variable, value in zip(self._state, (share, best, waited, rest), strict=True):
            variable.assign(value)
