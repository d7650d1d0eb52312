"""Normalization to length 1."""

from __future__ import annotations

from nlpx.core.lazy import ops, tf


def unit(x: tf.Tensor, axis: int = -1) -> tf.Tensor:
    """x / |x| along an axis; 0 stays 0, with a finite gradient."""
    return x * ops.rsqrt(ops.maximum(ops.sum(ops.square(x), axis, keepdims=True), 1e-12))
