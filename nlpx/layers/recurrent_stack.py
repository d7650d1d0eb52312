"""Recurrent layers of a decoder: over a whole text, or one step at a time with the same weights."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf

from nlpx.layers.modulated_norm import Modulation, SelfModulatedNorm
from nlpx.layers.recurrent import Cell, recurrent

States = tuple[tuple[tf.Tensor, ...], ...]
"""States by layer: (h, c) of an LSTM, (h,) of a GRU; each (B, K, units)."""


@keras.saving.register_keras_serializable(package="nlpx")
class RecurrentStack(keras.layers.Layer):
    """n_L(r_L(... n_1(r_1(n_0(x))))): recurrent layers r with a normalization n before and after each.

    x (B, T, D), condition (B, C) -> (B, T, units), from states of zeros. `step` does the same for one token
    of each of K hypotheses; T steps give what one call gives.

    Args:
        units: width of a layer.
        layers: L.
        modulation: hidden width of self-modulated normalization; None for plain layer normalization.

    Source: kexue.fm archive 5861.
    """

    def __init__(self, units: int, layers: int, cell: Cell, modulation: int | None, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.layers = layers
        self.cell = cell
        self.recurrent = [recurrent(cell, units, self.dtype_policy, f"recurrent_{i}") for i in range(layers)]
        self.norms = [
            keras.layers.LayerNormalization(dtype=self.dtype_policy, name=f"norm_{i}")
            if modulation is None
            else SelfModulatedNorm(modulation, dtype=self.dtype_policy, name=f"norm_{i}")
            for i in range(layers + 1)
        ]

    def build(self, x_shape: tuple[int | None, ...], condition_shape: tuple[int | None, ...]) -> None:
        shapes = [tuple(x_shape), *[(*x_shape[:-1], self.units)] * self.layers]
        for norm, shape in zip(self.norms, shapes, strict=True):
            if isinstance(norm, SelfModulatedNorm):
                norm.build(shape, tuple(condition_shape))
            else:
                norm.build(shape)
        for layer, shape in zip(self.recurrent, shapes[:-1], strict=True):
            layer.build(shape)
        self.built = True

    def modulations(self, condition: tf.Tensor) -> tuple[Modulation, ...]:
        """The modulations computed from the condition (B, C); empty for plain normalizations."""
        return tuple(n.modulation(condition) for n in self.norms if isinstance(n, SelfModulatedNorm))

    def zeros(self, rows: tf.Tensor, hypotheses: tf.Tensor) -> States:
        """The states before the first token."""
        count = 2 if self.cell == "lstm" else 1
        zeros = tf.zeros((rows, hypotheses, self.units), self.compute_dtype)
        return ((zeros,) * count,) * self.layers

    def call(self, x: tf.Tensor, condition: tf.Tensor) -> tf.Tensor:
        return self.sequence(x, self.modulations(condition))

    def sequence(self, x: tf.Tensor, modulations: Sequence[Modulation]) -> tf.Tensor:
        """The outputs (B, T, units) of whole texts."""
        x = self._normalized(0, x, modulations)
        for i, layer in enumerate(self.recurrent):
            x = self._normalized(i + 1, layer(x), modulations)
        return x

    def step(
        self, x: tf.Tensor, states: States, modulations: Sequence[Modulation]
    ) -> tuple[tf.Tensor, States]:
        """The outputs (B, K, units) of one token of each hypothesis, x (B, K, D), and the states after it."""
        shape = tf.shape(x)
        after: list[tuple[tf.Tensor, ...]] = []
        x = self._normalized(0, x, modulations)
        for i, (layer, before) in enumerate(zip(self.recurrent, states, strict=True)):
            flat = [tf.reshape(state, (-1, self.units)) for state in before]
            y, new = layer.cell(tf.reshape(x, (-1, x.shape[-1])), flat)
            whole = (shape[0], shape[1], self.units)
            after.append(tuple(tf.reshape(state, whole) for state in new))
            x = self._normalized(i + 1, tf.reshape(y, whole), modulations)
        return x, tuple(after)

    def _normalized(self, index: int, x: tf.Tensor, modulations: Sequence[Modulation]) -> tf.Tensor:
        norm = self.norms[index]
        if isinstance(norm, SelfModulatedNorm):
            return norm.apply(x, modulations[index])
        return norm(x)
