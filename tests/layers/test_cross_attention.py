"""Attention on an encoded text, against loops over heads and positions."""

from __future__ import annotations

import numpy as np

from nlpx.layers.cross_attention import CrossAttention
from nlpx.layers.taps import recording

QUERIES, MEMORY = (2, 3, 5), (2, 4, 6)
MASK = np.array([[True, True, True, False], [True, False, False, False]])


def inputs() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.normal(size=QUERIES).astype(np.float32), rng.normal(size=MEMORY).astype(np.float32)


def softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


def test_every_head_by_itself() -> None:
    layer = CrossAttention(heads=2, head_dim=3)
    queries, memory = inputs()
    with recording() as taps:
        found = layer(queries, memory, MASK)
    query, key, value = layer.get_weights()
    for row, length in enumerate([3, 1]):
        for step in range(3):
            for head in range(2):
                part = slice(3 * head, 3 * head + 3)
                q = queries[row, step] @ query[:, part]
                k, v = memory[row, :length] @ key[:, part], memory[row, :length] @ value[:, part]
                weights = softmax(k @ q / np.sqrt(3))
                np.testing.assert_allclose(found[row, step, part], weights @ v, atol=1e-5)
                tapped = taps[f"{layer.name}/weights"][row, head, step]
                np.testing.assert_allclose(tapped, np.pad(weights, (0, 4 - length)), atol=1e-6)


def test_size_of_the_article() -> None:
    layer = CrossAttention(8, 16)
    layer.build((None, None, 128), (None, None, 128))
    assert (layer.count_params(), layer.width) == (49_152, 128)


def test_the_config_makes_the_same_layer() -> None:
    config = CrossAttention(2, 3).get_config()
    assert CrossAttention.from_config(config).get_config() == config
