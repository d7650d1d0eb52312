"""The transformer block against its formula, in float64."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pytest
from scipy.special import erf, softmax

from nlpx.components.encoders.transformer import Transformer
from nlpx.core.build import build
from nlpx.layers.taps import recording


def test_heads_divide_the_width() -> None:
    with pytest.raises(ValueError, match="4 heads do not divide an input that is 6 wide"):
        build(Transformer(heads=4))(np.zeros((1, 2, 6), np.float32))
    with pytest.raises(ValueError, match="4 heads see one number each"):
        Transformer(heads=4).width(4)


def normalized(x: np.ndarray, layer: Any) -> np.ndarray:
    gamma, beta = (weight.numpy() for weight in layer.weights)
    return gamma * (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-3) + beta


@pytest.mark.parametrize(("norm", "causal"), [("pre", False), ("post", True)])
def test_the_formula(norm: Literal["pre", "post"], causal: bool) -> None:
    rng = np.random.default_rng(0)
    layer = build(Transformer(heads=3, expansion=2, norm=norm, causal=causal))
    x = rng.normal(size=(2, 5, 6))
    mask = np.array([[True] * 5, [True, True, False, False, False]])
    layer(x.astype(np.float32), mask=mask)
    for weight in layer.weights:
        weight.assign(rng.normal(size=weight.shape))
    weights = {weight.path.split("/", 1)[1]: weight.numpy() for weight in layer.weights}
    real = mask[:, None, :, None]
    shares: list[np.ndarray] = []
    allowed = mask[:, None, None] & (np.tri(5, dtype=bool) if causal else True)

    def attention(seen: np.ndarray) -> np.ndarray:
        query, key, value = (
            np.einsum("btd,dhe->bhte", seen, weights[f"attention/{name}/kernel"])
            + weights[f"attention/{name}/bias"][:, None]
            for name in ("query", "key", "value")
        )
        scores = np.where(allowed, query @ key.swapaxes(2, 3) / np.sqrt(2), -np.inf)
        shares.append(softmax(scores, -1))
        return (
            np.einsum(
                "bhte,hed->btd", softmax(scores, -1) @ value, weights["attention/attention_output/kernel"]
            )
            + weights["attention/attention_output/bias"]
        )

    def dense(seen: np.ndarray) -> np.ndarray:
        wide = seen @ weights["widen/kernel"] + weights["widen/bias"]
        return wide * (1 + erf(wide / np.sqrt(2))) / 2 @ weights["narrow/kernel"] + weights["narrow/bias"]

    if norm == "pre":
        h = x + attention(normalized(x, layer.attention_norm))
        expected = h + dense(normalized(h, layer.dense_norm))
    else:
        h = normalized(x + attention(x), layer.attention_norm)
        expected = normalized(h + dense(h), layer.dense_norm)
    with recording() as taps:
        found = layer(x.astype(np.float32), mask=mask)
    np.testing.assert_allclose(found, expected * mask[..., None], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(taps[f"{layer.name}/weights"] * real, shares[0] * real, atol=1e-5)


def test_the_order_is_seen_with_positions_only() -> None:
    x = np.random.default_rng(1).normal(size=(1, 4, 6)).astype(np.float32)
    plain, placed = build(Transformer(heads=2)), build(Transformer(heads=2, positions=True))
    np.testing.assert_allclose(plain(x[:, ::-1])[:, ::-1], plain(x), atol=1e-5)
    assert np.abs(placed(x[:, ::-1]).numpy()[:, ::-1] - placed(x).numpy()).max() > 0.1
