"""The convolution block against sums in NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from nlpx.components.encoders.conv import Conv
from nlpx.core.build import build


@pytest.mark.parametrize("residual", [False, True])
@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize("dilation_rate", [1, 2])
def test_formula(residual: bool, normalize: bool, dilation_rate: int) -> None:
    layer = build(Conv(filters=4, dilation_rate=dilation_rate, residual=residual, normalize=normalize))
    x = np.random.default_rng(0).normal(size=(1, 6, 4)).astype(np.float32)
    y = layer(x).numpy()
    kernel, bias = layer.conv.get_weights()
    seen = x[0]
    if layer.norm is not None:
        centred = seen - seen.mean(-1, keepdims=True)
        seen = centred / np.sqrt(seen.var(-1, keepdims=True) + layer.norm.epsilon)
    padded = np.pad(seen, [(dilation_rate, dilation_rate), (0, 0)])
    taps = [padded[i * dilation_rate : i * dilation_rate + 6] @ kernel[i] for i in range(3)]
    expected = np.maximum(np.sum(taps, 0) + bias, 0) + residual * x[0]
    np.testing.assert_allclose(y[0], expected, rtol=1e-4, atol=1e-5)


def test_a_residual_needs_its_width() -> None:
    with pytest.raises(ValueError, match="3 wide, to 4 filters"):
        build(Conv(filters=4, residual=True)).build((None, None, 3))
