"""A head of one vector a class, compared by cosine."""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import ops


@keras.saving.register_keras_serializable(package="nlpx")
class ClassVectors(keras.layers.Layer):
    """Cosines with the vectors of all classes: (B, D) of length 1 -> (B, classes) float32.

    The vectors are brought to length 1 whenever they are used, so that the gradient is that of the cosine.

    Args:
        classes: how many.
        constrained: bring them to length 1 after every update instead; before the first one they have the
            lengths that they were drawn with.

    Source: Wang et al. 2017, arXiv 1704.06369; constrained: kexue.fm archive 5743.
    """

    def __init__(self, classes: int, constrained: bool = False, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.classes = classes
        self.constrained = constrained

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        constraint = keras.constraints.UnitNorm(axis=0) if self.constrained else None
        shape = input_shape[-1], self.classes
        self.kernel = self.add_weight(shape=shape, constraint=constraint, name="kernel")
        self.built = True

    def call(self, x: tf.Tensor) -> tf.Tensor:
        kernel = ops.cast(self.kernel, "float32")
        return ops.matmul(ops.cast(x, "float32"), kernel if self.constrained else unit(kernel, 0))


def unit(x: tf.Tensor, axis: int = -1) -> tf.Tensor:
    """x / |x| along an axis; 0 stays 0, with a finite gradient."""
    return x * ops.rsqrt(ops.maximum(ops.sum(ops.square(x), axis, keepdims=True), 1e-12))
