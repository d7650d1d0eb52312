"""The head of class vectors."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from nlpx.layers.class_vectors import ClassVectors, unit


def test_outputs_are_cosines_whatever_the_lengths_of_class_vectors() -> None:
    layer = ClassVectors(5)
    x = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    before = layer(x).numpy()
    kernel = np.asarray(layer.kernel)
    expected = x @ (kernel / np.linalg.norm(kernel, axis=0))
    np.testing.assert_allclose(before, expected, atol=1e-6)
    layer.kernel.assign(kernel * np.array([1, 10, 0.1, 3, 7], np.float32))
    np.testing.assert_allclose(layer(x), before, atol=1e-6)
    assert layer.count_params() == 20
    assert ClassVectors.from_config(layer.get_config()).classes == 5


def test_float32_under_every_policy() -> None:
    mixed = ClassVectors(5, dtype="mixed_bfloat16")
    x = keras.ops.cast(np.ones((2, 4)), "bfloat16")
    assert mixed(x).dtype == tf.float32
    assert mixed.kernel.dtype == "float32"


def test_the_unit_of_nothing_is_nothing_with_a_finite_gradient() -> None:
    x = tf.constant([[3.0, 4.0], [0.0, 0.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = unit(x)
    np.testing.assert_allclose(y, np.array([[0.6, 0.8], [0, 0]]), rtol=1e-6)
    assert np.isfinite(tape.gradient(y, x)).all()


def test_constrained_vectors_are_used_as_they_are_and_get_length_1_after_an_update() -> None:
    """As Dense(use_bias=False, kernel_constraint=UnitNorm(axis=0)): the same products, gradients, updates."""
    x = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
    ours = ClassVectors(5, constrained=True)
    theirs = keras.layers.Dense(5, use_bias=False, kernel_constraint=keras.constraints.UnitNorm(axis=0))
    for layer in (ours, theirs):
        layer.build((None, 4))
    theirs.kernel.assign(ours.kernel)
    for layer in (ours, theirs):
        optimizer = keras.optimizers.SGD(0.5)
        for _ in range(2):
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(layer(x) ** 3)
            optimizer.apply(tape.gradient(loss, [layer.kernel.value]), [layer.kernel])
    np.testing.assert_array_equal(ours.kernel, theirs.kernel)
    np.testing.assert_allclose(np.linalg.norm(ours.kernel, axis=0), 1, rtol=1e-5)
    np.testing.assert_allclose(ours(x), x @ np.asarray(ours.kernel), atol=1e-6)
    assert ClassVectors.from_config(ours.get_config()).constrained
