"""The layer behind `squeeze_excite`: an ordinary Keras layer, useful without nlpx."""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import ops


@keras.saving.register_keras_serializable(package="nlpx_example")
class SqueezeExcite1D(keras.layers.Layer):
    """y = x * sigmoid(V relu(U mean(x))), the mean over time.

    (B, T, D) floating, mask (B, T) bool -> (B, T, D); 0 outside the mask.

    Args:
        reduction: D divided by the width of the hidden layer.
    """

    def __init__(self, reduction: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.reduction = reduction

    def build(self, input_shape: tuple[int, ...]) -> None:
        width = input_shape[-1]
        hidden = max(1, width // self.reduction)
        self.squeeze = keras.layers.Dense(hidden, "relu", dtype=self.dtype_policy, name="squeeze")
        self.excite = keras.layers.Dense(width, "sigmoid", dtype=self.dtype_policy, name="excite")
        self.squeeze.build((None, width))
        self.excite.build((None, hidden))
        self.built = True

    def call(self, x: tf.Tensor, mask: tf.Tensor | None = None) -> tf.Tensor:
        present = ops.ones_like(x[..., :1]) if mask is None else ops.cast(mask, x.dtype)[..., None]
        x = x * present
        mean = ops.sum(x, 1) / ops.maximum(ops.sum(present, 1), 1)
        return x * self.excite(self.squeeze(mean))[:, None]
