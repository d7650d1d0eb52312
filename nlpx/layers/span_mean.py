"""Means over spans of a sequence."""

from __future__ import annotations

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="nlpx")
class SpanMean(keras.layers.Layer):
    """y_n = mean of x_t over start_n <= t < end_n; 0 for a span that is empty or entirely outside the mask.

    x (B, T, D), spans (B, N, 2) int32 with starts and ends, mask (B, T) bool -> (B, N, D). Summed in float32.

    Source: kexue.fm archive 6919, in which an empty span divides by 0.
    """

    def call(self, x: tf.Tensor, spans: tf.Tensor, mask: tf.Tensor | None = None) -> tf.Tensor:
        place = tf.range(tf.shape(x)[1])
        inside = (place >= spans[..., :1]) & (place < spans[..., 1:])
        if mask is not None:
            inside &= tf.expand_dims(mask, 1)
        inside = tf.cast(inside, tf.float32)
        sums = tf.matmul(inside, tf.cast(x, tf.float32))
        return tf.cast(sums / tf.maximum(tf.reduce_sum(inside, -1, keepdims=True), 1.0), x.dtype)

    def compute_mask(self, inputs: object, previous_mask: object) -> None:
        return None
