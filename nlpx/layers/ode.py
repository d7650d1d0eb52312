"""Solvers of ordinary differential equations as recurrent layers."""

from __future__ import annotations

import keras
import tensorflow as tf

from nlpx.layers.solvers import SOLVERS, Method

__all__ = ["ODERNN", "Method", "SolverCell"]


@keras.saving.register_keras_serializable(package="nlpx")
class SolverCell(keras.layers.Layer):
    """One step of a solver as a recurrent cell: the states are x (B, D) and t (B, 1); inputs are ignored.

    Args:
        field: a layer that computes f(x, t); trained by the gradient through all steps.
        dim: D.
        step: h.
        method: euler, heun or rk4, which evaluate f once, twice and four times.
    """

    def __init__(
        self, field: keras.layers.Layer, dim: int, step: float, method: Method, **kwargs: object
    ) -> None:
        super().__init__(**kwargs)
        self.field = field
        self.state_size = (dim, 1)
        self.output_size = dim
        self.step = step
        self.method = method

    def call(
        self, inputs: tf.Tensor, states: list[tf.Tensor], training: bool | None = None
    ) -> tuple[tf.Tensor, list[tf.Tensor]]:
        x, t = states
        x = SOLVERS[self.method](self.field, x, t, self.step)
        return x, [x, t + self.step]


@keras.saving.register_keras_serializable(package="nlpx")
class ODERNN(keras.layers.Layer):
    """x(h), x(2h), ..., x(steps * h) of x' = f(x, t), x(0) = x_0: a recurrent layer without input.

    x_0 (B, D) -> (B, steps, D). With weights in f, it fits an equation to observed values.

    Args:
        field: a layer that computes f(x, t).
        steps: number of steps.
        step: h, by default 1.
        method: euler, heun or rk4.

    Source: kexue.fm archive 5643.
    """

    def __init__(
        self,
        field: keras.layers.Layer,
        steps: int,
        step: float = 1.0,
        method: Method = "euler",
        **kwargs: object,
    ) -> None:
        super().__init__(**kwargs)
        self.field = field
        self.steps = steps
        self.step = step
        self.method = method

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        if not self.field.built:
            self.field.build(input_shape)
        cell = SolverCell(
            self.field, int(input_shape[-1] or 0), self.step, self.method, dtype=self.dtype_policy
        )
        self.solver = keras.layers.RNN(cell, return_sequences=True, dtype=self.dtype_policy, name="solver")
        self.built = True

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (input_shape[0], self.steps, input_shape[-1])

    def call(self, start: tf.Tensor) -> tf.Tensor:
        nothing = tf.zeros((tf.shape(start)[0], self.steps, 1), start.dtype)
        return self.solver(nothing, initial_state=[start, nothing[:, 0]])

    def get_config(self) -> dict[str, object]:
        field = keras.saving.serialize_keras_object(self.field)
        options = {"steps": self.steps, "step": self.step, "method": self.method}
        return {**super().get_config(), **options, "field": field}

    @classmethod
    def from_config(cls, config: dict[str, object]) -> ODERNN:
        return cls(**{**config, "field": keras.saving.deserialize_keras_object(config["field"])})
