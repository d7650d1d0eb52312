"""Sums at positions: by the fast operation, or in exports by one that they can convert."""

from __future__ import annotations

import tensorflow as tf

from nlpx.layers.portable import target


def sums_at(positions: tf.Tensor, values: tf.Tensor, size: tf.Tensor) -> tf.Tensor:
    """s_i = sum of the values whose position is i, (size,), for positions and values (N,)."""
    if target().portable:
        return tf.tensor_scatter_nd_add(tf.zeros((size,), values.dtype), positions[:, None], values)
    return tf.math.unsorted_segment_sum(values, positions, size)
