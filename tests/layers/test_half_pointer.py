"""Pointers to starts and ends of spans, pair by pair."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from nlpx.components.decoders.half_pointer import spans
from nlpx.layers.half_pointer import HalfPointer

MASK = np.arange(5) < np.array([5, 3])[:, None]
STARTS = np.array([[1, 4, 0], [2, -1, 3]], np.int32)


def test_each_pair_by_itself() -> None:
    layer = HalfPointer(4)
    x = np.random.default_rng(0).normal(size=(2, 5, 3)).astype(np.float32)
    starts, ends = layer(x, STARTS, mask=MASK)
    w, b, u, c, v, output, d = layer.get_weights()
    for row, t in np.ndindex(2, 5):
        expected = x[row, t] @ w[:, 0] + b[0] if MASK[row, t] else -1e9
        np.testing.assert_allclose(starts[row, t], expected, rtol=1e-4, atol=1e-5)
        for n, i in enumerate(STARTS[row]):
            expected = -1e9
            if 0 <= i <= t and MASK[row, t]:
                expected = np.maximum(x[row, t] @ u + c + x[row, i] @ v, 0) @ output[:, 0] + d[0]
            np.testing.assert_allclose(ends[row, n, t], expected, rtol=1e-4, atol=1e-5)


def test_ends_that_do_not_depend_on_starts() -> None:
    layer = HalfPointer(None)
    x = np.random.default_rng(0).normal(size=(2, 5, 3)).astype(np.float32)
    _, ends = layer(x, STARTS, mask=MASK)
    *_, output, d = layer.get_weights()
    for row, n, t in np.ndindex(2, 3, 5):
        possible = 0 <= STARTS[row, n] <= t and MASK[row, t] and MASK[row, STARTS[row, n]]
        expected = x[row, t] @ output[:, 0] + d[0] if possible else -1e9
        np.testing.assert_allclose(ends[row, n, t], expected, rtol=1e-4, atol=1e-5)
    assert layer.count_params() == 2 * (3 + 1)


def test_padding_changes_nothing() -> None:
    layer = HalfPointer(4)
    x = np.random.default_rng(1).normal(size=(2, 5, 3)).astype(np.float32)
    starts, ends = layer(x, STARTS, mask=MASK)
    alone = layer(x[1:, :3], STARTS[1:, :2])
    np.testing.assert_allclose(starts[1, :3], alone[0][0], atol=1e-6)
    np.testing.assert_allclose(ends[1, :2, :3], alone[1][0], atol=1e-6)
    config = layer.get_config()
    assert HalfPointer.from_config(config).get_config() == config


def test_it_learns_spans_that_overlap_and_compiles() -> None:
    """Of letters 0 to 3, a 0 starts a span up to the next 1, a 2 one up to the next 3: the end depends on the start."""
    keras.utils.set_random_seed(0)
    letters = np.random.default_rng(2).integers(0, 4, (64, 8))
    x = tf.one_hot(letters, 4)
    starts = np.tile(np.arange(8), (64, 1)).astype(np.int32)
    wanted_starts = tf.constant(letters % 2 == 0, tf.float32)
    wanted_ends = (
        tf.constant(letters[:, None] == letters[:, :, None] + 1, tf.float32) * wanted_starts[..., None]
    )
    later = tf.constant(np.triu(np.ones((8, 8), np.float32)))
    layer, optimizer = HalfPointer(8), keras.optimizers.Adam(0.03)
    layer(x, starts)
    optimizer.build(layer.trainable_variables)

    @tf.function(jit_compile=True, autograph=False)
    def update() -> None:
        with tf.GradientTape() as tape:
            s, e = layer(x, starts)
            loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(wanted_starts, s))
            loss += tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(wanted_ends, e) * later)
        weights = layer.trainable_variables
        optimizer.apply(tape.gradient(loss, [w.value for w in weights]), weights)

    for _ in range(150):
        update()
    s, e = (tf.sigmoid(logits).numpy() for logits in layer(x, starts))
    for row in range(64):
        expected = []
        for i, letter in enumerate(letters[row]):
            ends = [t for t in range(i, 8) if letter % 2 == 0 and letters[row, t] == letter + 1]
            expected += [(i, ends[0] + 1)] if ends else []
        assert spans(s[row], e[row], 0.4, 0.4) == expected
