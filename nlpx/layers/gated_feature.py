"""A gated feature."""

from __future__ import annotations

import keras


class GatedFeature(keras.layers.Layer):
    """f = (W x + b) * sigmoid(V x + c), elementwise."""

    def __init__(self, units: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.value = keras.layers.Dense(units, name="value")
        self.gate = keras.layers.Dense(units, activation="sigmoid", name="gate")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create W, b, V, c."""
        self.value.build(input_shape)
        self.gate.build(input_shape)
        self.built = True

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        """(B, D) -> (B, units)."""
        return self.value(x) * self.gate(x)
