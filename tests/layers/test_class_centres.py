"""Centres of classes, and the gated feature."""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf

from nlpx.layers.class_centres import ClassCentres
from nlpx.layers.gated_feature import GatedFeature

RANDOM = np.random.default_rng(0)
POINTS = RANDOM.normal(size=(12, 3)).astype(np.float32)
LABELS = np.array([0, 0, 1, 2, 2, 2, 0, 1, 1, 0, 2, 3])


def centres() -> ClassCentres:
    layer = ClassCentres(5)
    layer.build((None, 3))
    return layer


def test_distances_are_squared_and_summed() -> None:
    layer = centres()
    expected = ((POINTS - layer.centres.numpy()[LABELS]) ** 2).sum(axis=1)
    np.testing.assert_allclose(layer(POINTS, LABELS).numpy(), expected, rtol=1e-5)


def test_the_gradient_is_twice_the_sum_of_differences() -> None:
    layer, weight = centres(), 0.25
    with tf.GradientTape() as tape:
        loss = weight * tf.reduce_sum(layer(POINTS, LABELS))
    gradient = tf.convert_to_tensor(tape.gradient(loss, layer.centres.value)).numpy()
    table = layer.centres.numpy()
    expected = [2 * weight * (table[c] - POINTS[c == LABELS]).sum(axis=0) for c in range(5)]
    np.testing.assert_allclose(gradient, expected, rtol=1e-4, atol=1e-6)


def test_alone_they_become_the_means_of_their_classes() -> None:
    layer = centres()
    before = layer.centres.numpy()
    optimizer = keras.optimizers.SGD(0.05)
    for _ in range(300):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(layer(POINTS, LABELS))
        optimizer.apply([tf.convert_to_tensor(tape.gradient(loss, layer.centres.value))], [layer.centres])
    means = [POINTS[c == LABELS].mean(axis=0) for c in range(4)]
    np.testing.assert_allclose(layer.centres.numpy()[:4], means, atol=1e-5)
    assert (layer.centres.numpy()[4] == before[4]).all()


def test_the_gate_multiplies() -> None:
    layer = GatedFeature(4)
    layer.build((None, 3))
    w, b, v, c = (weight.numpy() for weight in layer.weights)
    expected = (POINTS @ w + b) / (1 + np.exp(-(POINTS @ v + c)))
    np.testing.assert_allclose(layer(POINTS).numpy(), expected, rtol=1e-5, atol=1e-6)
    assert layer.count_params() == 2 * (3 * 4 + 4)
