"""Layer normalization with scale and offset computed from another vector."""

from __future__ import annotations

import keras
import tensorflow as tf

Modulation = tuple[tf.Tensor, tf.Tensor]
"""Scale - 1 and offset, each (B, 1, D)."""


@keras.saving.register_keras_serializable(package="nlpx")
class SelfModulatedNorm(keras.layers.Layer):
    """y = n(x) * (1 + s(c)) + o(c), with n the layer normalization without scale and offset.

        s(c) = W2 relu(W1 c + b1) + b2,   o(c) = V2 relu(V1 c + d1) + d2

    x (B, T, D), c (B, C) -> (B, T, D). The part that only depends on c is computed once, by `modulation`.

    Args:
        hidden: width of W1 c and V1 c.

    Source: Chen et al. 2018, arXiv 1810.01365 (batch normalization); kexue.fm archive 5861.
    """

    def __init__(self, hidden: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.hidden = hidden
        self.norm = keras.layers.LayerNormalization(
            center=False, scale=False, dtype=self.dtype_policy, name="norm"
        )

    def build(self, x_shape: tuple[int | None, ...], condition_shape: tuple[int | None, ...]) -> None:
        self.norm.build(x_shape)
        self.dense = [
            keras.layers.Dense(width, activation, dtype=self.dtype_policy, name=f"{name}_{number}")
            for name in ("scale", "offset")
            for number, (width, activation) in enumerate(((self.hidden, "relu"), (x_shape[-1], None)))
        ]
        for layer, width in zip(self.dense, (condition_shape[-1], self.hidden) * 2, strict=True):
            layer.build((None, width))
        self.built = True

    def modulation(self, condition: tf.Tensor) -> Modulation:
        """Scale - 1 and offset for conditions (B, C)."""
        scale_1, scale_2, offset_1, offset_2 = self.dense
        scale, offset = scale_2(scale_1(condition)), offset_2(offset_1(condition))
        return scale[:, None, :], offset[:, None, :]

    def apply(self, x: tf.Tensor, modulation: Modulation) -> tf.Tensor:
        """x (B, T, D), normalized and modulated."""
        scale, offset = modulation
        return self.norm(x) * (1 + scale) + offset

    def call(self, x: tf.Tensor, condition: tf.Tensor) -> tf.Tensor:
        return self.apply(x, self.modulation(condition))
