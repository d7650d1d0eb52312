"""Networks of convolutions against loops in float64: pooled, and routed to capsules."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from scipy.signal import correlate

from nlpx.components.networks.capsule_conv import CapsuleConv
from nlpx.components.networks.dense import Dense
from nlpx.components.networks.pooled_conv import PooledConv
from nlpx.core.build import build
from tests.layers.test_capsule import routed

FILTERS = [[3, 4], [5]]


def image(height: int) -> np.ndarray:
    return np.random.default_rng(height).normal(size=(height, 6, 2)).astype(np.float32)


def made(component: PooledConv | CapsuleConv) -> keras.layers.Layer:
    """For images of any size, with biases that are not 0."""
    layer = build(component, outputs=(3,), name="network")
    layer.build((None, None, None, 2))
    random = np.random.default_rng(0)
    for weight in layer.trainable_weights:
        weight.assign(random.normal(size=weight.shape, scale=0.4))
    return layer


def convolved(layer: keras.layers.Layer, x: np.ndarray) -> np.ndarray:
    """Two convolutions, the mean of squares of four pixels, a convolution; (H, W, C) -> (H / 2, W / 2, 5)."""
    convolutions = [each for each in layer.chain if isinstance(each, keras.layers.Conv2D)]
    for number, convolution in enumerate(convolutions):
        kernel, bias = (np.asarray(weight, np.float64) for weight in convolution.get_weights())
        edges = np.pad(x.astype(np.float64), ((1, 1), (1, 1), (0, 0)))
        maps = [
            sum(correlate(edges[..., c], kernel[..., c, f], "valid") for c in range(x.shape[-1])) + bias[f]
            for f in range(len(bias))
        ]
        x = np.maximum(np.stack(maps, -1), 0)
        if number == 1:
            x = np.array(
                [
                    [x[i : i + 2, j : j + 2].mean((0, 1)) for j in range(0, x.shape[1] - 1, 2)]
                    for i in range(0, x.shape[0] - 1, 2)
                ]
            )
    return x


@pytest.mark.parametrize("height", [6, 12])
@pytest.mark.parametrize("pooling", ["mean", "max"])
def test_pooled_positions(pooling: str, height: int) -> None:
    layer = made(
        PooledConv.model_validate(
            {"type": "pooled_conv", "filters": FILTERS, "hidden": [4], "pooling": pooling}
        )
    )
    pooled = getattr(np, pooling)(convolved(layer, image(height)), axis=(0, 1))
    first, first_bias, last, last_bias = (np.asarray(weight) for weight in layer.get_weights()[-4:])
    expected = np.maximum(pooled @ first + first_bias, 0) @ last + last_bias
    np.testing.assert_allclose(layer(image(height)[None])[0], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("height", [6, 12])
def test_lengths_of_capsules(height: int) -> None:
    layer = made(CapsuleConv(filters=FILTERS, size=4))
    positions = convolved(layer, image(height)).reshape(-1, 5)
    projected = np.einsum("nd,do->no", positions, layer.get_weights()[-1]).reshape(-1, 3, 4)
    expected = np.linalg.norm(routed(projected, 3, False, 0.5), axis=-1)
    np.testing.assert_allclose(layer(image(height)[None])[0], expected, rtol=1e-4, atol=1e-5)


def test_dropout_in_training_only() -> None:
    layer, x = (
        build(Dense(units=[400], dropout=0.5), outputs=(1,), name="network"),
        np.ones((1, 3), np.float32),
    )
    layer.build((None, 3))
    hidden, bias, last, _ = layer.get_weights()
    units = np.maximum(x @ hidden + bias, 0)
    np.testing.assert_allclose(layer(x), units @ last, rtol=1e-4, atol=1e-5)
    found = np.ravel([layer(x, training=True) for _ in range(200)])
    parts = (units * last.T)[0]
    # Every unit is doubled or missing, so that the mean stays, and the variance is the sum of squares.
    assert found.mean() == pytest.approx(parts.sum(), abs=float(4 * found.std() / 200**0.5))
    assert found.var() == pytest.approx((parts**2).sum(), rel=0.4)
