"""Layer of the forward recurrent encoder."""

from __future__ import annotations

import keras
import tensorflow as tf

from nlpx.layers.dropout import Dropout, Rate
from nlpx.layers.masking import SequenceLayer, apply_mask
from nlpx.layers.recurrent import Cell, outputs, recurrent


@keras.saving.register_keras_serializable(package="nlpx")
class ForwardRNN(SequenceLayer):
    """A recurrent layer, with the options of `Recurrent`.

    (B, T, D) floating, mask (B, T) bool -> (B, T, units); 0 outside the mask. Padding is at the end of a
    row, so states of real positions do not depend on it.
    """

    def __init__(self, units: int, cell: Cell, dropout: Rate, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.forward = recurrent(cell, units, self.dtype_policy, "forward")
        self.drop = Dropout(dropout, dtype=self.dtype_policy, name="dropout")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.forward.build(input_shape)
        self.built = True

    def call(self, x: tf.Tensor, mask: tf.Tensor | None = None, training: bool | None = None) -> tf.Tensor:
        return apply_mask(self.drop(outputs(self.forward, apply_mask(x, mask)), training=training), mask)
