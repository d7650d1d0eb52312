"""Spectral normalization: the norm against SVD, its gradient against differences, what changes u."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpx.layers.spectral_norm import SpectralNorm, power_iteration

LAYERS: dict[str, tuple[Callable[[], keras.layers.Layer], tuple[int, ...]]] = {
    "dense": (lambda: keras.layers.Dense(4), (6,)),
    "conv": (lambda: keras.layers.Conv2D(5, 3, strides=2, padding="same"), (8, 8, 2)),
    "transposed": (lambda: keras.layers.Conv2DTranspose(3, 3, strides=2, padding="same"), (4, 4, 2)),
}


def made(kind: str, steps: int = 200) -> tuple[SpectralNorm, np.ndarray]:
    keras.utils.set_random_seed(3)
    make, shape = LAYERS[kind]
    layer = SpectralNorm(make())
    x = np.random.default_rng(0).normal(size=(7, *shape)).astype(np.float32)
    layer(x)
    for _ in range(steps):
        layer.iterate()
    return layer, x


def matrix(layer: SpectralNorm) -> np.ndarray:
    kernel = np.asarray(layer.layer.kernel)
    return kernel.reshape(-1, kernel.shape[-1])


def test_f19_five_iterations_from_ones() -> None:
    w = np.random.RandomState(0).randn(6, 4).astype(np.float32)
    assert float(power_iteration(w, np.ones(6, np.float32), 5)[0]) == pytest.approx(4.321028, abs=1e-5)
    assert float(power_iteration(w, np.ones(6, np.float32), 99)[0]) == pytest.approx(4.321140, abs=1e-5)
    assert float(np.linalg.svd(w)[1][0]) == pytest.approx(4.321140, abs=1e-5)


def test_a_start_without_the_singular_vector_gives_another_value() -> None:
    """Which is why u starts at random."""
    w = np.diag([3.0, 1.0]).astype(np.float32)
    assert float(power_iteration(w, np.array([0, 1], np.float32), 9)[0]) == 1.0


@pytest.mark.parametrize("kind", LAYERS)
def test_the_output_is_that_of_the_divided_kernel(kind: str) -> None:
    layer, x = made(kind)
    norm = float(np.linalg.svd(matrix(layer))[1][0])
    assert float(layer.norm()) == pytest.approx(norm, rel=1e-5)
    before, kernel = np.asarray(layer(x)), np.asarray(layer.layer.kernel)
    layer.layer.kernel.assign(kernel / norm)
    np.testing.assert_allclose(before, np.asarray(layer.layer(x)), atol=1e-5)


@pytest.mark.parametrize("kind", LAYERS)
def test_the_gradient_passes_the_norm(kind: str) -> None:
    """W -> c W changes nothing, so <W, dL/dW> = 0; and the gradient is that of finite differences."""
    layer, x = made(kind)
    kernel = layer.layer.kernel

    def loss() -> tf.Tensor:
        return tf.reduce_sum(tf.sin(tf.cast(layer(x), tf.float32)))

    with tf.GradientTape() as tape:
        found = loss()
    gradient = tape.gradient(found, kernel.value).numpy()
    assert abs((gradient * np.asarray(kernel)).sum()) < 1e-4 * np.abs(gradient * np.asarray(kernel)).sum()
    rng, start = np.random.default_rng(1), np.asarray(kernel)
    for _ in range(3):
        way = rng.normal(size=start.shape).astype(np.float32)
        ends = []
        for sign in (1, -1):
            kernel.assign(start + sign * 1e-2 * way)
            for _ in range(200):  # the true norm of the changed kernel
                layer.iterate()
            ends.append(float(loss()))
        kernel.assign(start)
        assert (ends[0] - ends[1]) / 2e-2 == pytest.approx(float((gradient * way).sum()), rel=0.02, abs=0.02)


def test_calls_change_nothing_and_updates_change_u_alone() -> None:
    layer, x = made("dense", steps=0)
    before = [np.asarray(weight) for weight in layer.weights]
    first, second = layer(x, training=True), layer(x)
    np.testing.assert_array_equal(first, second)
    assert all(np.array_equal(a, b) for a, b in zip(before, layer.weights, strict=True))
    layer.iterate()
    changed = [not np.array_equal(a, b) for a, b in zip(before, layer.weights, strict=True)]
    assert [weight.name for weight, new in zip(layer.weights, changed, strict=True) if new] == ["u"]
    assert [weight.name for weight in layer.trainable_weights] == ["kernel", "bias"]


def test_a_frozen_layer_is_divided_as_well() -> None:
    layer, x = made("dense")
    before = np.asarray(layer(x))
    layer.trainable = False
    np.testing.assert_array_equal(before, layer(x))
