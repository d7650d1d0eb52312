"""Adagrad with one number per row, which updates only the rows of a sparse gradient."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf


class RowAdagradOptimizer(keras.optimizers.Optimizer):
    """v_i = v_i + mean(g_i^2);  w_i = w_i - learning_rate g_i / sqrt(v_i + epsilon)

    Args:
        learning_rate: the rate, or a function that gives it.
        epsilon: added inside the root.
    """

    takes_rows = True
    """Gradients may be tf.IndexedSlices without repeated indices."""

    def __init__(self, learning_rate: object = 0.1, epsilon: float = 1e-12, **kwargs: object) -> None:
        super().__init__(learning_rate=learning_rate, **kwargs)
        self.epsilon = epsilon

    def build(self, variables: Sequence[keras.Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        self._squares = [
            self.add_variable(shape=variable.shape[:1], dtype=variable.dtype, name=f"squares_{place}")
            for place, variable in enumerate(variables)
        ]

    def update_step(
        self, gradient: tf.Tensor | tf.IndexedSlices, variable: tf.Variable, learning_rate: tf.Tensor
    ) -> None:
        squares = self._squares[self._get_variable_index(variable)].value
        rate = tf.cast(learning_rate, variable.dtype)
        if isinstance(gradient, tf.IndexedSlices):
            rows, values = gradient.indices, gradient.values
            total = tf.gather(squares, rows) + _mean_squares(values)
            squares.scatter_update(tf.IndexedSlices(total, rows))
            variable.scatter_sub(tf.IndexedSlices(self._step(values, total, rate), rows))
        else:
            total = squares + _mean_squares(gradient)
            squares.assign(total)
            variable.assign_sub(self._step(gradient, total, rate))

    def _step(self, gradient: tf.Tensor, total: tf.Tensor, rate: tf.Tensor) -> tf.Tensor:
        factor = rate * tf.math.rsqrt(total + self.epsilon)
        more = len(gradient.shape) - len(factor.shape)
        return gradient * (tf.reshape(factor, [-1, *[1] * more]) if more else factor)


def _mean_squares(gradient: tf.Tensor) -> tf.Tensor:
    """The mean of squares of every row."""
    squares = tf.square(gradient)
    return tf.reduce_mean(squares, range(1, len(gradient.shape))) if len(gradient.shape) > 1 else squares
