"""Variables that stay as they are for a part of training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PrivateAttr, model_validator

from nlpx.components.tricks.base import Pair
from nlpx.components.tricks.moment import LAST, Moment, updates_until
from nlpx.components.tricks.per_variable import PerVariable, key_of
from nlpx.core.lazy import keras, tf
from nlpx.core.options import Pattern


class Freeze(PerVariable):
    """Leave some variables as they are until a moment, or from a moment on.

    A frozen variable does not change by a single bit, and neither does the state of the optimizer for it.

    Options:
        only: patterns of the names of the variables, such as `embedding/*`.
        start: when they are frozen: after a number of updates, or after `N epochs`.
        until: when they are trained again; null for never.
    Shapes: as the weights.
    Data: any.
    Relations: moments are counted from the start of training or of the stage. Unfreezing step by step takes
        one `freeze` for each step. List it first: tricks after it see a gradient of 0. It saves the work of
        the optimizer, but not that of the gradients; `train.stages` freezes whole layers instead, which saves
        both, and which also keeps the statistics of batch normalization. Adam has no moments of a variable
        that is unfrozen late, so that its first steps are up to three times as long.
    Reference: Howard and Ruder 2018, arXiv 1801.06146.
    Example:
        tricks:
          - {type: freeze, only: ["embedding/*"], until: 2 epochs}
    """

    type: Literal["freeze"] = "freeze"
    only: Annotated[list[Pattern], Field(min_length=1)]
    start: Moment = 0
    until: Moment | None = None

    _group: list[Any] = PrivateAttr(default_factory=list)
    _keys: frozenset[str] = PrivateAttr(default=frozenset())
    _updates: list[Any] = PrivateAttr(default_factory=list)

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.until is None:
            return self
        # Between updates and epochs, which is later is not known before the data is read.
        if any(updates_until(self.until, length) > updates_until(self.start, length) for length in (1, LAST)):
            return self
        raise ValueError(
            f"nothing is ever frozen: until, {_named(self.until)}, is not later than start, "
            f"{_named(self.start)}"
        )

    def build(self, weights: Sequence[keras.Variable]) -> None:
        self._group = [variable for variable in self.chosen(self.only, weights, "only") if variable.trainable]
        self._keys = frozenset(map(key_of, self._group))
        self._updates = [keras.Variable(0, dtype="int32", trainable=False, name="freeze_updates")]

    def still(self, weights: Sequence[keras.Variable]) -> list[keras.Variable]:
        always = self.until is None and not updates_until(self.start, 1)
        return self.chosen(self.only, weights, "only") if always else []

    @property
    def variables(self) -> list[keras.Variable]:
        return self._updates

    def gradients(self, pairs: Sequence[Pair]) -> list[Pair]:
        frozen = self._frozen()
        return [
            (tf.where(frozen, 0.0, gradient), variable)
            if gradient is not None and key_of(variable) in self._keys
            else (gradient, variable)
            for gradient, variable in pairs
        ]

    def around(self, variable: tf.Variable, rate: tf.Tensor, change: Callable[[tf.Tensor], None]) -> None:
        def changed() -> tf.Tensor:
            change(rate)
            return tf.constant(True)

        if key_of(variable) in self._keys:
            tf.cond(self._frozen(), lambda: tf.constant(False), changed)
        else:
            change(rate)

    def update(self, weights: Sequence[keras.Variable]) -> None:
        self._updates[0].assign_add(1)

    def describe(self) -> list[str]:
        when = [] if self.start == 0 else [f"from {_named(self.start)}"]
        when += [] if self.until is None else [f"until {_named(self.until)}"]
        return [self.group(" ".join(["frozen", *when]), self._group)]

    def _frozen(self) -> tf.Tensor:
        """Whether the current update is one that leaves them as they are."""
        updates, epoch = self._updates[0].value, self.course.updates_per_epoch
        frozen = updates >= updates_until(self.start, epoch)
        return frozen if self.until is None else frozen & (updates < updates_until(self.until, epoch))


def _named(moment: int | str) -> str:
    return moment if isinstance(moment, str) else f"{moment:,} updates"
