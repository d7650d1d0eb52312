"""The convolutional network with max pooling: its size, and its values by SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import correlate

from nlpx.components.networks.max_pool_conv import MaxPoolConv
from nlpx.core.build import build


def test_f25_number_of_weights() -> None:
    layer = build(MaxPoolConv(), outputs=(3062,), name="network")
    layer.build((None, 48, 48, 1))
    assert layer.count_params() == 8_514_678


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_equals_scipy(padding: str) -> None:
    options = {"filters": [3], "kernel_size": 3, "padding": padding, "units": [5]}
    layer = build(MaxPoolConv.model_validate(options), outputs=(4,), name="network")
    rng = np.random.default_rng(0)
    image = rng.normal(size=(9, 9, 2)).astype(np.float32)
    layer.build((None, 9, 9, 2))
    kernel, bias, *dense = weights = [rng.normal(size=w.shape).astype(np.float32) for w in layer.weights]
    layer.set_weights(weights)
    maps = np.stack(
        [
            sum(correlate(image[..., c], kernel[..., c, k], padding) for c in range(2)) + bias[k]
            for k in range(3)
        ],
        -1,
    )
    edge = maps.shape[0] // 2
    pooled = np.maximum(maps[: 2 * edge, : 2 * edge].reshape(edge, 2, edge, 2, 3).max((1, 3)), 0)
    hidden = np.maximum(pooled.reshape(-1) @ dense[0] + dense[1], 0)
    np.testing.assert_allclose(layer(image[None])[0], hidden @ dense[2] + dense[3], rtol=1e-4, atol=1e-4)


def test_dropout_and_batch_statistics_are_those_of_training() -> None:
    network = MaxPoolConv(filters=[4], kernel_size=3, units=[8], batch_norm=True)
    layer = build(network, outputs=(2,), name="network")
    images = np.random.default_rng(0).normal(size=(6, 8, 8, 1)).astype(np.float32)
    once, again = (np.asarray(layer(images, training=True)) for _ in range(2))
    assert np.abs(once - again).max() > 0
    moved = layer.non_trainable_variables[0].numpy()
    assert moved.any()
    np.testing.assert_array_equal(layer(images), layer(images, training=False))
    np.testing.assert_array_equal(layer.non_trainable_variables[0], moved)


def test_what_it_does_not_read() -> None:
    with pytest.raises(ValueError, match="convolutions read images, not points"):
        MaxPoolConv().expect((5,), (3,))
    with pytest.raises(ValueError, match="2 convolutions with pooling leave nothing of an image of 8 pixels"):
        MaxPoolConv().expect((8, 8, 1), (3,))
    MaxPoolConv(padding="same").expect((8, 8, 1), (3,))
