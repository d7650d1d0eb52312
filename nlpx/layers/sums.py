"""Sums at positions: by the fast operation, or in exports by one that they can convert."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import tensorflow as tf

_PORTABLE = ContextVar("portable", default=False)


@contextmanager
def portable() -> Iterator[None]:
    """What is traced in this block can be converted to ONNX, and is slower in TensorFlow."""
    token = _PORTABLE.set(True)
    try:
        yield
    finally:
        _PORTABLE.reset(token)


def sums_at(positions: tf.Tensor, values: tf.Tensor, size: tf.Tensor) -> tf.Tensor:
    """s_i = sum of the values whose position is i, (size,), for positions and values (N,)."""
    if _PORTABLE.get():
        return tf.tensor_scatter_nd_add(tf.zeros((size,), values.dtype), positions[:, None], values)
    return tf.math.unsorted_segment_sum(values, positions, size)
