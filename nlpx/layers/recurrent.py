"""Recurrent layers by the name of their cell, and the simplest cell."""

from __future__ import annotations

from typing import Literal

import keras
import tensorflow as tf
from keras import ops

Cell = Literal["lstm", "gru", "simple"]


@keras.saving.register_keras_serializable(package="nlpx")
class SimpleCell(keras.layers.Layer):
    """y_t = tanh(y_(t-1) U + x_t W + b): (B, D) and the state (B, units) -> (B, units) and the new state.

    Source: Elman 1990; kexue.fm archive 5643.
    """

    def __init__(self, units: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.state_size = units

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.kernel = self.add_weight(
            (input_shape[-1], self.units), initializer="glorot_uniform", name="kernel"
        )
        self.recurrent_kernel = self.add_weight(
            (self.units, self.units), initializer="orthogonal", name="recurrent_kernel"
        )
        self.bias = self.add_weight((self.units,), initializer="zeros", name="bias")
        self.built = True

    def call(
        self, x: tf.Tensor, states: list[tf.Tensor], training: bool | None = None
    ) -> tuple[tf.Tensor, list[tf.Tensor]]:
        y = ops.tanh(ops.matmul(states[0], self.recurrent_kernel) + ops.matmul(x, self.kernel) + self.bias)
        return y, [y]


def recurrent(cell: Cell, units: int, dtype: object, name: str) -> keras.layers.Layer:
    """A layer of Keras, (B, T, D) -> (B, T, units)."""
    if cell == "simple":
        return keras.layers.RNN(
            SimpleCell(units, dtype=dtype, name="cell"), return_sequences=True, dtype=dtype, name=name
        )
    kind = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU}[cell]
    return kind(units, return_sequences=True, dtype=dtype, name=name)
