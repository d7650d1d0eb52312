"""Piecewise constant learning rate."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.schedules.piecewise import Piecewise
from nlpx.core.lazy import ops, tf


class PiecewiseConstant(Piecewise):
    """Linear warm-up, then values[i] * peak from the boundary i - 1 to the boundary i.

    Options: none of its own.
    Shapes: step -> learning rate.
    Data: any.
    Relations: for jumps at known updates, also of an option such as label_smoothing. There is one value more
        than boundaries; a boundary is the first update with the next value, while in Keras it is the last one
        with the value before. plateau finds the updates itself.
    Reference: kexue.fm archive 5765; keras.optimizers.schedules.PiecewiseConstantDecay.
    Example:
        optimizer:
          learning_rate: 1e-2
          type: adam
          schedule: {type: piecewise_constant, boundaries: [5000, 8000], values: [1, 0.1, 0.01]}
    """

    more_values: ClassVar[int] = 1

    type: Literal["piecewise_constant"] = "piecewise_constant"

    def decay(self, step: tf.Tensor, total: int | None) -> tf.Tensor:
        passed = [ops.cast(step >= boundary, "int32") for boundary in self.updates(total)]
        return ops.take(ops.convert_to_tensor(self.values, "float32"), sum(passed))
