"""Masking: padding must not change results, so layers that mix positions see 0 outside the mask."""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import ops

HIDDEN = -1e9
"""Score of a position outside the mask, in float32: its exponential is 0, and gradients stay finite."""


class SequenceLayer(keras.layers.Layer):
    """A layer over positions, (B, T, ...) -> (B, T, ...), which keeps the mask."""

    def compute_mask(self, inputs: object, previous_mask: object) -> object:
        return previous_mask


class PoolingLayer(keras.layers.Layer):
    """A layer (B, T, D) -> (B, D'), whose output has no mask."""

    def compute_mask(self, inputs: object, previous_mask: object) -> None:
        return None


def apply_mask(x: tf.Tensor, mask: tf.Tensor | None) -> tf.Tensor:
    """x (B, T, D) with zeros where mask (B, T) is False; x itself without a mask."""
    return x if mask is None else x * ops.cast(ops.expand_dims(mask, -1), x.dtype)


def masked_mean(x: tf.Tensor, mask: tf.Tensor | None) -> tf.Tensor:
    """The mean of every element over the real positions: (B, T, D), (B, T) -> (B, D); 0 for an empty row.

    Summed in float32 whatever x is: float16 overflows, and bfloat16 does not count beyond 256.
    """
    long = ops.cast(x, "float32")
    if mask is None:
        return ops.cast(ops.mean(long, 1), x.dtype)
    count = ops.sum(ops.cast(mask, "float32"), 1)[:, None]
    return ops.cast(ops.sum(apply_mask(long, mask), 1) / ops.maximum(count, 1), x.dtype)


def masked_max(x: tf.Tensor, mask: tf.Tensor | None) -> tf.Tensor:
    """The maximum of every element over real positions: (B, T, D), (B, T) -> (B, D); 0 for an empty row."""
    if mask is None:
        return ops.max(x, axis=1)
    lowest = tf.constant(x.dtype.min, x.dtype)
    found = ops.max(ops.where(ops.expand_dims(mask, -1), x, lowest), axis=1)
    return ops.where(ops.any(mask, axis=1)[:, None], found, ops.zeros_like(found))
