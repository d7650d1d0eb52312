"""Padding must not change a result: positions outside the mask are 0 for every layer that mixes positions."""

from __future__ import annotations

import tensorflow as tf
from keras import ops


def apply_mask(x: tf.Tensor, mask: tf.Tensor | None) -> tf.Tensor:
    """x (B, T, D) with zeros where mask (B, T) is False; x itself without a mask."""
    return x if mask is None else x * ops.cast(mask[..., None], x.dtype)
