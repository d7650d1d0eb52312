"""Lookahead: slow weights that follow those of the optimizer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, PrivateAttr

from nlpx.components.tricks.base import Trick, value_of
from nlpx.components.tricks.moment import Updates
from nlpx.components.varying import Varying, now
from nlpx.core.lazy import keras, np, tf

LAST = "it averages the weights that lookahead has set, and evaluation uses what the last one gives"


class Lookahead(Trick):
    """Every few updates, go back to a point between where the weights were and where they are.

    every `steps` updates: slow <- slow + alpha * (w - slow), w <- slow

    Options:
        steps: number of updates of the optimizer between two slow steps.
        alpha: how far the slow weights follow.
    Shapes: as the weights.
    Data: any.
    Relations: makes training less sensitive to the learning rate and calms oscillation. Evaluation and
        prediction use the slow weights, which are the initial ones before the first slow step; statistics
        of normalization layers are those of training. A slow step leaves the state of the optimizer.
        Costs a copy of the trained weights.
    Reference: Zhang et al. 2019, arXiv 1907.08610; kexue.fm archive 5879.
    Example:
        tricks:
          - {type: lookahead, steps: 5, alpha: 0.5}
    """

    excludes: ClassVar = {
        "trick/lookahead": "the weights cannot follow two copies",
        "optimizer/ftrl": "it computes the weights from its state alone",
        "optimizer/schedule_free_adamw": "it computes an average from the weights and its state",
    }
    precedes: ClassVar = {"trick/ema": LAST, "trick/swa": LAST}
    type: Literal["lookahead"] = "lookahead"
    steps: Updates = 5
    alpha: Varying[Annotated[float, Field(gt=0, le=1)]] = 0.5

    _slow: dict[int, Any] = PrivateAttr(default_factory=dict)
    _updates: list[Any] = PrivateAttr(default_factory=list)

    def build(self, weights: Sequence[keras.Variable]) -> None:
        self._slow = {
            i: keras.Variable(value_of(weight), trainable=False, dtype=weight.dtype, name=f"lookahead_{i}")
            for i, weight in enumerate(weights)
            if weight.trainable
        }
        self._updates = [keras.Variable(0, dtype="int32", trainable=False, name="lookahead_updates")]

    @property
    def variables(self) -> list[keras.Variable]:
        return [*self._slow.values(), *self._updates]

    def update(self, weights: Sequence[keras.Variable]) -> None:
        updates = self._updates[0]
        updates.assign_add(1)
        alpha = now(self.alpha)

        def slow_step() -> tf.Tensor:
            for i, slow in self._slow.items():
                slow.assign_add(alpha * (weights[i].value - slow.value))
                weights[i].assign(slow.value)
            return tf.constant(True)

        tf.cond(updates.value % self.steps == 0, slow_step, lambda: tf.constant(False))

    def evaluation(self, values: list[np.ndarray]) -> list[np.ndarray]:
        return [value_of(self._slow[i]) if i in self._slow else value for i, value in enumerate(values)]
