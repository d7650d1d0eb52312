"""Layer of capsules as a pooling."""

from __future__ import annotations

import keras
import tensorflow as tf

from nlpx.layers.capsule import Capsule


@keras.saving.register_keras_serializable(package="nlpx")
class CapsulePooling(Capsule):
    """The capsules of nlpx.layers.capsule, concatenated, with the options of the pooling `Capsule`."""

    def __init__(
        self, capsules: int, size: int, routings: int, accumulate: bool, squash: float, **kwargs: object
    ) -> None:
        super().__init__(capsules, size, routings, True, accumulate, squash, False, **kwargs)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (input_shape[0], self.capsules * self.size)

    def call(self, x: tf.Tensor, mask: tf.Tensor | None = None) -> tf.Tensor:
        return tf.reshape(super().call(x, mask), (-1, self.capsules * self.size))
