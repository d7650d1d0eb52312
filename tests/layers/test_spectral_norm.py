"""Spectral normalization: the norm against SVD, its gradient against differences, what changes u; constraints."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpx.layers.constraints import ClipConstraint, SpectralConstraint
from nlpx.layers.spectral_norm import SpectralNorm, power_iteration

UNIT = keras.initializers.RandomNormal(stddev=1.0, seed=0)
LAYERS: dict[str, tuple[Callable[[], keras.layers.Layer], tuple[int, ...]]] = {
    "dense": (lambda: keras.layers.Dense(4), (6,)),
    "conv": (lambda: keras.layers.Conv2D(5, 3, strides=2, padding="same"), (8, 8, 2)),
    "transposed": (lambda: keras.layers.Conv2DTranspose(3, 3, strides=2, padding="same"), (4, 4, 2)),
    "embedding": (lambda: keras.layers.Embedding(6, 3, UNIT), (4,)),
    "batch_norm": (lambda: keras.layers.BatchNormalization(gamma_initializer=UNIT), (5,)),
}


def made(kind: str, steps: int = 200) -> tuple[SpectralNorm, np.ndarray]:
    keras.utils.set_random_seed(3)
    make, shape = LAYERS[kind]
    layer = SpectralNorm(make())
    rng = np.random.default_rng(0)
    ids = kind == "embedding"
    x: np.ndarray = (
        rng.integers(0, 6, (7, *shape)) if ids else rng.normal(size=(7, *shape)).astype(np.float32)
    )
    layer(x)
    settle(layer, steps)
    return layer, x


def settle(layer: SpectralNorm, steps: int) -> None:
    """Iterate until the norm is right."""
    iterate = tf.function(layer.iterate, autograph=False)
    for _ in range(steps):
        iterate()


def matrix(layer: SpectralNorm) -> np.ndarray:
    """W, for which factors of channels are a diagonal matrix."""
    weight = np.asarray(layer.weight)
    return np.diag(weight) if weight.ndim == 1 else weight.reshape(-1, weight.shape[-1])


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
    before, weight = np.asarray(layer(x)), np.asarray(layer.weight)
    layer.weight.assign(weight / norm)
    np.testing.assert_allclose(before, np.asarray(layer.layer(x)), atol=1e-5)


@pytest.mark.parametrize("kind", LAYERS)
def test_f19_the_gradient_passes_the_norm(kind: str) -> None:
    """W -> c W changes nothing, so <W, dL/dW> = 0; and the gradient is that of finite differences."""
    layer, x = made(kind)
    kernel = layer.weight

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
            settle(layer, 60)  # the true norm of the changed kernel
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


def test_state_of_the_layer_follows_in_training_only() -> None:
    plain = keras.layers.BatchNormalization(momentum=0.5)
    layer = SpectralNorm(keras.layers.BatchNormalization(momentum=0.5))
    x = np.random.default_rng(0).normal(2.0, 3.0, size=(7, 5)).astype(np.float32)
    layer(x), layer(x, training=False)
    np.testing.assert_array_equal(layer.layer.moving_mean, np.zeros(5))
    np.testing.assert_allclose(layer(x, training=True), plain(x, training=True), atol=1e-6)
    np.testing.assert_allclose(layer.layer.moving_mean, plain.moving_mean, rtol=1e-6)
    assert (np.asarray(layer.layer.moving_mean) != 0).all()
    layer.trainable = False
    before = np.asarray(layer.layer.moving_mean)
    layer(x, training=True)
    np.testing.assert_array_equal(layer.layer.moving_mean, before)
    assert [weight.name for weight in layer.weights] == ["gamma", "beta", "moving_mean", "moving_variance"]


def test_a_layer_without_a_weight_to_normalize() -> None:
    with pytest.raises(ValueError, match="dropout has no kernel, embeddings or gamma"):
        SpectralNorm(keras.layers.Dropout(0.5, name="dropout"))(np.zeros((2, 3), np.float32))


@pytest.mark.parametrize("shape", [(6, 4), (3, 3, 2, 5), (7,)])
def test_the_constraint_divides_by_the_norm(shape: tuple[int, ...]) -> None:
    weight = np.random.default_rng(4).normal(size=shape).astype(np.float32)
    matrix = np.diag(weight) if weight.ndim == 1 else weight.reshape(-1, shape[-1])
    constraint = keras.constraints.deserialize(keras.constraints.serialize(SpectralConstraint(100)))
    found = np.asarray(constraint(keras.Variable(weight)))
    np.testing.assert_allclose(found, weight / np.linalg.svd(matrix)[1][0], rtol=1e-4)


def test_f19_the_gradient_does_not_pass_a_constraint() -> None:
    """It is that of Keras's own layer, too: <W, dL/dW> is not 0 as it is for the division in the forward pass."""
    for clipping in (False, True):
        constraint = ClipConstraint(0.1) if clipping else SpectralConstraint(50)
        dense = keras.layers.Dense(4, kernel_constraint=constraint)
        x = np.random.default_rng(0).normal(size=(7, 6)).astype(np.float32)
        dense(x)
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.sin(dense(x)))
        gradient = tape.gradient(loss, dense.kernel.value)
        assert abs(float(tf.reduce_sum(gradient * dense.kernel.value))) > 0.1
        keras.optimizers.SGD(0.1).apply([gradient], [dense.kernel])
        kernel = np.asarray(dense.kernel)
        assert (np.abs(kernel).max() if clipping else np.linalg.norm(kernel, 2)) == pytest.approx(
            0.1 if clipping else 1.0, rel=1e-4
        )
