"""Gated convolutions: the two gates, their identity, dropout and noise."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest

from nlpx.components.encoders.gated_conv import GatedConv
from nlpx.components.encoders.gated_conv_layer import GatedConv1D
from nlpx.core.build import build

Gate = Literal["highway", "residual_glu"]


def pointwise(
    gate: Gate, g: list[float], v: list[float], dropout: float = 0.0, gate_noise: float = 0.0
) -> GatedConv1D:
    """A block whose gate logits and candidates are the same at every position."""
    layer: GatedConv1D = build(GatedConv(kernel_size=1, gate=gate, dropout=dropout, gate_noise=gate_noise))
    layer.build((None, None, len(g)))
    layer.conv.set_weights([np.zeros((1, len(g), 2 * len(g))), np.array(g + v)])
    return layer


def test_f9_values_of_the_article() -> None:
    x = np.array([[[1, -2, 0.5]]])
    y = pointwise("highway", [0, 2, -1], [3, 1, -1])(x)
    np.testing.assert_allclose(y[0, 0], [2, -1.64239123, -0.59658787], rtol=1e-6)
    g, v = np.array([0, 2, -1]), np.array([3, 1, -1])
    y = pointwise("residual_glu", [0, 2, -1], [3, 1, -1])(x)
    np.testing.assert_allclose(y[0, 0], x[0, 0] + v / (1 + np.exp(-g)), rtol=1e-6)


def test_highway_is_a_residual_glu_with_another_centre() -> None:
    """The candidate less the identity, and the gate with the other sign."""
    rng = np.random.default_rng(0)
    kernel, bias = rng.normal(size=(3, 4, 8)), rng.normal(size=8)
    highway, residual = build(GatedConv()), build(GatedConv(gate="residual_glu"))
    for layer in (highway, residual):
        layer.build((None, None, 4))
    highway.conv.set_weights([kernel, bias])
    sign = np.repeat([-1, 1], 4)
    kernel, bias = kernel * sign, bias * sign
    kernel[1, :, 4:] -= np.eye(4)
    residual.conv.set_weights([kernel, bias])
    x = rng.normal(size=(2, 7, 4))
    np.testing.assert_allclose(highway(x), residual(x), atol=1e-5)


def test_size_without_a_bias() -> None:
    layer = build(GatedConv(gate="residual_glu", use_bias=False))
    layer.build((None, None, 64))
    assert layer.count_params() == 24_576


def test_size_of_the_default_form() -> None:
    layer = build(GatedConv())
    layer.build((None, None, 128))
    assert layer.count_params() == 98_560


@pytest.mark.parametrize(("dilation_rate", "reach"), [(1, 1), (3, 3)])
def test_reach(dilation_rate: int, reach: int) -> None:
    layer = build(GatedConv(dilation_rate=dilation_rate))
    x = np.zeros((2, 9, 2), np.float32)
    x[1, 4] = 1
    y = layer(x).numpy()
    changed = np.flatnonzero((y[0] != y[1]).any(-1))
    assert changed.tolist() == [4 - reach, 4, 4 + reach]


def test_dropout_drops_candidates_only() -> None:
    """y = (x + v) / 2 with open gates; a dropped v leaves x / 2, the others are doubled."""
    layer = pointwise("highway", [0.0] * 8, [3.0] * 8, dropout=0.5)
    y = layer(np.ones((1, 500, 8)), training=True).numpy()
    assert set(np.round(y, 4).flat) == {0.5, 3.5}
    assert (y == 0.5).mean() == pytest.approx(0.5, abs=0.05)
    np.testing.assert_allclose(layer(np.ones((1, 2, 8))), 2, rtol=1e-6)


def test_noise_scales_the_gate() -> None:
    """y = x + v * 0.5 * (1 + U(-0.2, 0.2))."""
    layer = pointwise("residual_glu", [0.0] * 8, [1.0] * 8, gate_noise=0.2)
    y = layer(np.zeros((1, 500, 8)), training=True).numpy()
    assert y.min() == pytest.approx(0.4, abs=2e-3) and y.max() == pytest.approx(0.6, abs=2e-3)
    assert y.mean() == pytest.approx(0.5, abs=5e-3)
    np.testing.assert_allclose(layer(np.zeros((1, 2, 8))), 0.5, rtol=1e-6)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="4 wide, to 8 filters"):
        build(GatedConv(filters=8)).build((None, None, 4))
