"""Means over spans, span by span."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from nlpx.layers.span_mean import SpanMean


def test_each_span_by_itself() -> None:
    rng = np.random.default_rng(0)
    x, mask = rng.normal(size=(2, 6, 3)).astype(np.float32), np.arange(6) < np.array([6, 4])[:, None]
    spans = np.array([[[0, 6], [2, 3], [3, 3]], [[1, 4], [3, 6], [4, 6]]], np.int32)
    found = SpanMean()(x, spans, mask=mask).numpy()
    for row, n in np.ndindex(2, 3):
        start, end = spans[row, n]
        inside = x[row, start : min(end, mask[row].sum())]
        expected = inside.mean(0) if len(inside) else np.zeros(3)
        np.testing.assert_allclose(found[row, n], expected, rtol=1e-5, atol=1e-6)


def test_an_empty_span_has_a_finite_gradient() -> None:
    x = tf.ones((1, 3, 2))
    with tf.GradientTape() as tape:
        tape.watch(x)
        total = tf.reduce_sum(SpanMean()(x, tf.constant([[[2, 2], [5, 9]]])))
    assert not tape.gradient(total, x).numpy().any()
