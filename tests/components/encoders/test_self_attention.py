"""The self-attention block against its formula."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import erf, softmax

from nlpx.components.encoders.self_attention import SelfAttention
from nlpx.components.encoders.self_attention_layer import waves
from nlpx.core.build import build
from nlpx.layers.taps import recording


def test_heads_divide_the_width() -> None:
    with pytest.raises(ValueError, match="4 heads do not divide an input that is 6 wide"):
        build(SelfAttention(heads=4))(np.zeros((1, 2, 6), np.float32))
    with pytest.raises(ValueError, match="4 heads see one number each"):
        SelfAttention(heads=4).width(4)


def normalized(x: np.ndarray, layer: object) -> np.ndarray:
    gamma, beta = (weight.numpy() for weight in layer.weights)  # type: ignore[attr-defined]  # a Keras layer
    return gamma * (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-3) + beta


def test_the_formula() -> None:
    rng = np.random.default_rng(0)
    layer = build(SelfAttention(heads=3, expansion=2))
    x = rng.normal(size=(2, 5, 6))
    mask = np.array([[True] * 5, [True, True, False, False, False]])
    layer(x.astype(np.float32), mask=mask)
    for weight in layer.weights:
        weight.assign(rng.normal(size=weight.shape))
    weights = {weight.path.split("/", 1)[1]: weight.numpy() for weight in layer.weights}

    seen = normalized(x, layer.attention_norm)
    query, key, value = (
        np.einsum("btd,dhe->bhte", seen, weights[f"attention/{name}/kernel"])
        + weights[f"attention/{name}/bias"][:, None]
        for name in ("query", "key", "value")
    )
    scores = np.where(mask[:, None, None], query @ key.swapaxes(2, 3) / np.sqrt(2), -np.inf)
    attended = np.einsum(
        "bhte,hed->btd", softmax(scores, -1) @ value, weights["attention/attention_output/kernel"]
    )
    h = x + attended + weights["attention/attention_output/bias"]
    wide = normalized(h, layer.dense_norm) @ weights["widen/kernel"] + weights["widen/bias"]
    wide = wide * (1 + erf(wide / np.sqrt(2))) / 2
    expected = (h + wide @ weights["narrow/kernel"] + weights["narrow/bias"]) * mask[..., None]
    with recording() as taps:
        found = layer(x.astype(np.float32), mask=mask)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
    tapped, real = taps[f"{layer.name}/weights"], mask[:, None, :, None]
    np.testing.assert_allclose(tapped * real, softmax(scores, -1) * real, atol=1e-5)


def test_waves() -> None:
    found = waves(50, 7).numpy()
    for place in range(50):
        for i in range(7):
            angle = place / 10_000 ** ((i - i % 2) / 7)
            assert found[place, i] == pytest.approx(np.cos(angle) if i % 2 else np.sin(angle), abs=1e-5)


def test_the_order_is_seen_with_positions_only() -> None:
    x = np.random.default_rng(1).normal(size=(1, 4, 6)).astype(np.float32)
    plain, placed = build(SelfAttention(heads=2)), build(SelfAttention(heads=2, positions=True))
    np.testing.assert_allclose(plain(x[:, ::-1])[:, ::-1], plain(x), atol=1e-5)
    assert np.abs(placed(x[:, ::-1]).numpy()[:, ::-1] - placed(x).numpy()).max() > 0.1
