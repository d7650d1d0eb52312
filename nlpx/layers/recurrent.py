"""Recurrent layers by the name of their cell, and the simplest cell."""

from __future__ import annotations

from typing import Literal

import keras
import tensorflow as tf
from keras import ops

from nlpx.layers.portable import target

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


def outputs(layer: keras.layers.Layer, x: tf.Tensor) -> tf.Tensor:
    """What such a layer gives, (B, T, D) -> (B, T, units); also for exports to formats without lists."""
    if target().lists:
        return layer(x)
    rows, length = tf.unstack(tf.shape(x)[:2])
    sizes = tf.nest.flatten(layer.cell.state_size)
    steps = tf.transpose(x, (1, 0, 2))

    def advance(t: tf.Tensor, found: tf.Tensor, *states: tf.Tensor) -> tuple[tf.Tensor, ...]:
        y, after = layer.cell(tf.gather(steps, t), list(states))
        return t + 1, tf.tensor_scatter_nd_update(found, [[t]], tf.expand_dims(y, 0)), *after

    empty = tf.zeros((length, rows, sizes[0]), x.dtype)
    states = [tf.zeros((rows, size), x.dtype) for size in sizes]
    _, found, *_ = tf.while_loop(lambda t, *_: t < length, advance, (tf.constant(0), empty, *states))
    return tf.transpose(found, (1, 0, 2))
