"""Layer of capsules as a pooling."""

from __future__ import annotations

import keras
import tensorflow as tf

from nlpx.layers.capsule import Capsule
from nlpx.layers.masking import PoolingLayer


@keras.saving.register_keras_serializable(package="nlpx")
class CapsulePooling(PoolingLayer):
    """The concatenated capsules of nlpx.layers.capsule, with the options of the pooling `Capsule`."""

    def __init__(
        self, capsules: int, size: int, routings: int, accumulate: bool, squash: float, **kwargs: object
    ) -> None:
        super().__init__(**kwargs)
        self.width = capsules * size
        self.capsules = Capsule(
            capsules, size, routings, True, accumulate, squash, dtype=self.dtype_policy, name="capsules"
        )

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.capsules.build(input_shape)
        self.built = True

    def call(self, x: tf.Tensor, mask: tf.Tensor | None = None) -> tf.Tensor:
        return tf.reshape(self.capsules(x, mask=mask), (-1, self.width))
