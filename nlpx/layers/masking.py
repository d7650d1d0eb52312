"""Padding must not change a result: positions outside the mask are 0 for every layer that mixes positions."""

from __future__ import annotations

import tensorflow as tf
from keras import ops


def apply_mask(x: tf.Tensor, mask: tf.Tensor | None) -> tf.Tensor:
    """x (B, T, D) with zeros where mask (B, T) is False; x itself without a mask."""
    return x if mask is None else x * ops.cast(mask[..., None], x.dtype)


def largest(x: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
    """The greatest value of every element over the real positions: (B, T, D), (B, T) -> (B, D).

    0 for a row without any.
    """
    lowest = tf.constant(x.dtype.min, x.dtype)
    found = ops.max(ops.where(mask[..., None], x, lowest), axis=1)
    return ops.where(ops.any(mask, axis=1)[:, None], found, ops.zeros_like(found))
