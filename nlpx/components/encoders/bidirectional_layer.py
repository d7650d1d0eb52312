"""Layer of the bidirectional recurrent encoder; padding does not affect its result."""

from __future__ import annotations

from typing import Literal

import keras
import tensorflow as tf
from keras import ops

from nlpx.layers.dropout import Dropout, Rate
from nlpx.layers.masking import SequenceLayer, apply_mask
from nlpx.layers.recurrent import Cell, outputs, recurrent


@keras.saving.register_keras_serializable(package="nlpx")
class BidirectionalRNN(SequenceLayer):
    """A forward recurrent layer, and a backward one from the last real position; options of `Bidirectional`.

    Rows are right-padded, so the forward direction meets no padding before the end. The backward direction
    reads each row reversed within its own length, which is the same as reading it alone.
    """

    def __init__(
        self, units: int, cell: Cell, merge: Literal["concat", "sum"], dropout: Rate, **kwargs: object
    ) -> None:
        super().__init__(**kwargs)
        self.merge = merge
        self.forward = recurrent(cell, units, self.dtype_policy, "forward")
        self.backward = recurrent(cell, units, self.dtype_policy, "backward")
        self.drop = Dropout(dropout, dtype=self.dtype_policy, name="dropout")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.forward.build(input_shape)
        self.backward.build(input_shape)
        self.built = True

    def call(self, x: tf.Tensor, mask: tf.Tensor | None = None, training: bool | None = None) -> tf.Tensor:
        x = apply_mask(x, mask)
        ahead = outputs(self.forward, x)
        back = _reversed(outputs(self.backward, _reversed(x, mask)), mask)
        y = ahead + back if self.merge == "sum" else ops.concatenate([ahead, back], -1)
        return apply_mask(self.drop(y, training=training), mask)


def _reversed(x: tf.Tensor, mask: tf.Tensor | None) -> tf.Tensor:
    """x with every row reversed within its length; padding is not moved."""
    if mask is None:
        return ops.flip(x, 1)
    return tf.reverse_sequence(x, ops.sum(ops.cast(mask, "int32"), 1), seq_axis=1)
