"""The matcher of two texts, row by row in NumPy."""

from __future__ import annotations

import numpy as np

from nlpx.layers.attention_matcher import AttentionMatcher

LENGTHS = ([4, 2, 3], [3, 5, 0])
HEADS, SIZE = 2, 3


def inputs(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return rng.normal(size=(3, 4, 5)).astype(np.float32), rng.normal(size=(3, 5, 6)).astype(np.float32)


def attended(a: np.ndarray, b: np.ndarray, weights: list[np.ndarray]) -> np.ndarray:
    """The largest element over the positions of a, of what each head reads of b."""
    query, key, value = weights
    found = []
    for head in range(HEADS):
        part = slice(SIZE * head, SIZE * (head + 1))
        scores = (a @ query[:, part]) @ (b @ key[:, part]).T / np.sqrt(SIZE)
        powers = np.exp(scores - scores.max(1, keepdims=True))
        found.append((powers / powers.sum(1, keepdims=True) @ b @ value[:, part]).max(0))
    return np.concatenate(found)


def test_each_row_by_itself() -> None:
    layer = AttentionMatcher(HEADS, SIZE)
    a, b = inputs(np.random.default_rng(0))
    masks = [
        np.arange(x.shape[1]) < np.array(lengths)[:, None] for x, lengths in zip((a, b), LENGTHS, strict=True)
    ]
    b *= masks[1][..., None]
    found = layer(a, b, *masks).numpy()
    ahead, back = layer.get_weights()[:3], layer.get_weights()[3:]
    for row in range(2):
        one, two = a[row, : LENGTHS[0][row]], b[row, : LENGTHS[1][row]]
        expected = np.concatenate([attended(one, two, ahead), attended(two, one, back)])
        np.testing.assert_allclose(found[row], expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(found[2], 0)  # an empty description


def test_size_of_the_article() -> None:
    layer = AttentionMatcher(8, 16)
    layer.build((None, None, 128), (None, None, 128))
    assert layer.count_params() == 98_304


def test_the_config_makes_the_same_layer() -> None:
    config = AttentionMatcher(2, 3).get_config()
    assert AttentionMatcher.from_config(config).get_config() == config
