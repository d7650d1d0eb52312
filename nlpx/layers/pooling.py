"""Poolings: (B, T, D) -> (B, D). Positions outside the mask do not take part; empty rows give 0."""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import ops

from nlpx.layers.masking import apply_mask, masked_mean

FAR_BELOW = -1e9
"""Stands for minus infinity where a gradient flows."""


class Pooling(keras.layers.Layer):
    """The base of every pooling: (B, T, D) floating, mask (B, T) bool -> (B, D)."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def compute_mask(self, inputs: object, mask: object = None) -> None:
        return None

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (input_shape[0], input_shape[-1])


@keras.saving.register_keras_serializable(package="nlpx")
class LastPooling(Pooling):
    """x at the last real position.

    (B, T, D) floating, mask (B, T) bool, right-padded -> (B, D).

    Source: kexue.fm archive 5743.
    """

    def call(self, x: tf.Tensor, mask: tf.Tensor | None = None) -> tf.Tensor:
        if mask is None:
            return x[:, -1]
        # The last real position is the one that is real while the next is not: no gather by index.
        real = ops.cast(mask, x.dtype)
        following = ops.pad(real[:, 1:], [[0, 0], [0, 1]])
        return ops.sum(x * (real * (1 - following))[..., None], 1)


@keras.saving.register_keras_serializable(package="nlpx")
class MeanPooling(Pooling):
    """Mean of x over real positions.

    (B, T, D) floating, mask (B, T) bool -> (B, D).

    Source: Iyyer et al. 2015.
    """

    def call(self, x: tf.Tensor, mask: tf.Tensor | None = None) -> tf.Tensor:
        return masked_mean(x, mask)


@keras.saving.register_keras_serializable(package="nlpx")
class MaxPooling(Pooling):
    """Maximum of x over real positions, channel by channel.

    (B, T, D) floating, mask (B, T) bool -> (B, D).

    Source: Collobert et al. 2011.
    """

    def call(self, x: tf.Tensor, mask: tf.Tensor | None = None) -> tf.Tensor:
        if mask is None:
            return ops.max(x, 1)
        greatest = ops.max(ops.where(mask[..., None], x, ops.cast(FAR_BELOW, x.dtype)), 1)
        return ops.where(ops.any(mask, 1)[:, None], greatest, ops.zeros_like(greatest))


@keras.saving.register_keras_serializable(package="nlpx")
class AttentionPooling(Pooling):
    """y = sum_t a_t x_t with a = softmax over real positions of v . tanh(W x_t + b).

    (B, T, D) floating, mask (B, T) bool -> (B, D). Softmax and sum are computed in float32.

    Source: Lin et al. 2017, arXiv 1703.03130.
    """

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        width = input_shape[-1]
        self.hidden = keras.layers.Dense(width, activation="tanh", dtype=self.dtype_policy, name="hidden")
        self.score = keras.layers.Dense(1, use_bias=False, dtype=self.dtype_policy, name="score")
        self.hidden.build(input_shape)
        self.score.build(input_shape)
        self.built = True

    def call(self, x: tf.Tensor, mask: tf.Tensor | None = None) -> tf.Tensor:
        x = apply_mask(x, mask)  # what lies in the padding must not even meet a weight of 0
        scores = ops.cast(self.score(self.hidden(x)), "float32")
        if mask is not None:
            scores = ops.where(mask[..., None], scores, FAR_BELOW)
        # A sum of thousands of small shares stands still in float16.
        return ops.cast(ops.sum(ops.cast(x, "float32") * ops.softmax(scores, 1), 1), x.dtype)
