"""A head of one vector a class, compared by cosine."""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import ops


@keras.saving.register_keras_serializable(package="nlpx")
class ClassVectors(keras.layers.Layer):
    """Cosines with the vectors of all classes: (B, D) of length 1 -> (B, classes) float32.

    The vectors are brought to length 1 whenever they are used, not after every update, so that the gradient
    is that of the cosine.

    Args:
        classes: how many.

    Source: Wang et al. 2017, arXiv 1704.06369; kexue.fm archive 5743 normalises after updates.
    """

    def __init__(self, classes: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.classes = classes

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.kernel = self.add_weight(shape=(input_shape[-1], self.classes), name="kernel")
        self.built = True

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return ops.matmul(ops.cast(x, "float32"), unit(ops.cast(self.kernel, "float32"), 0))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], self.classes)

    def compute_output_spec(self, x: keras.KerasTensor) -> keras.KerasTensor:
        return keras.KerasTensor(self.compute_output_shape(x.shape), dtype="float32")

    def get_config(self) -> dict[str, object]:
        return {**super().get_config(), "classes": self.classes}


def unit(x: tf.Tensor, axis: int = -1) -> tf.Tensor:
    """x / |x| along an axis; 0 stays 0, with a finite gradient."""
    return x * ops.rsqrt(ops.maximum(ops.sum(ops.square(x), axis, keepdims=True), 1e-12))
