"""Attention alone against its formula."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from nlpx.components.encoders.plain_attention import PlainAttention
from nlpx.components.encoders.self_attention_layer import waves
from nlpx.core.build import build


@pytest.mark.parametrize("positions", [False, True])
def test_the_formula(positions: bool) -> None:
    rng = np.random.default_rng(0)
    layer = build(PlainAttention(heads=2, size=3, positions=positions))
    x, lengths = rng.normal(size=(2, 5, 4)).astype(np.float32), (5, 2)
    mask = np.arange(5) < np.array(lengths)[:, None]
    found = np.asarray(layer(x, mask=mask))
    query, key, value = (projection.kernel.numpy() for projection in layer.projections)
    placed = x + np.asarray(waves(5, 4)) if positions else x
    expected = np.zeros((2, 5, 6))
    for row, length in enumerate(lengths):
        seen = placed[row, :length]
        for head in (slice(0, 3), slice(3, 6)):
            scores = (seen @ query[:, head]) @ (seen @ key[:, head]).T / np.sqrt(3)
            expected[row, :length, head] = softmax(scores, -1) @ (seen @ value[:, head])
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_order_is_seen_with_positions_only() -> None:
    x = np.random.default_rng(1).normal(size=(1, 6, 8)).astype(np.float32)
    order = np.array([3, 1, 5, 0, 2, 4])
    for positions in (False, True):
        layer = build(PlainAttention(positions=positions))
        same = np.allclose(layer(x[:, order]), np.asarray(layer(x))[:, order], atol=1e-5)
        assert same is not positions
