"""Folded networks against the layers they replace, and where they do not apply."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpx.components.encoders.base import Encoder
from nlpx.components.encoders.conv import Conv
from nlpx.components.encoders.gated_conv import GatedConv
from nlpx.components.encoders.layer_norm import LayerNorm
from nlpx.core.build import build
from nlpx.layers.token_embedding import TokenEmbedding
from nlpx.models.blocks import run_blocks
from nlpx.models.folding import fold

LEVELS = {"fields": 4, "depth": 8}
BIGRAMS = {"vocabulary_size": 9, "dim": 3, "dropout": 0.2}
LENGTHS = [7, 7, 4, 1, 0]


def network(
    encoder: list[Encoder], dtype: str = "float32", **options: Any
) -> tuple[TokenEmbedding, list[Any]]:
    """An embedding and the blocks after it, built, with random biases."""
    embedding = TokenEmbedding(11, 5, 0.3, dtype=dtype, name="embedding", **options)
    blocks = [build(block, name=f"block_{i}", dtype=dtype) for i, block in enumerate(encoder)]
    run_blocks(blocks, embedding(*inputs(embedding), mask=tf.ones((5, 7), tf.bool)))
    rng = np.random.default_rng(1)
    for block in blocks:
        for variable in block.trainable_variables:
            variable.assign(rng.normal(size=variable.shape) * 0.5)
    return embedding, blocks


def inputs(embedding: TokenEmbedding) -> tuple[tf.Tensor, list[tf.Tensor], tf.Tensor | None]:
    rng = np.random.default_rng(0)
    ids = tf.constant(rng.integers(0, 11, (5, 7)), tf.int32)
    ngrams = [tf.constant(rng.integers(0, 9, (5, 7)), tf.int32) for _ in range(2 * len(embedding.ngrams))]
    levels = tf.constant(rng.integers(0, 8, (5, 7, 4)), tf.uint8) if embedding.levels else None
    return ids, ngrams, levels


@pytest.mark.parametrize("mask", [np.arange(7) < np.array(LENGTHS)[:, None], np.ones((5, 7), bool)])
@pytest.mark.parametrize(
    ("options", "encoder"),
    [
        ({}, [Conv(filters=6)]),
        ({"ngrams": [BIGRAMS]}, [Conv(filters=6, kernel_size=5, dropout=0.5, activation="tanh")]),
        (
            {"ngrams": [BIGRAMS, BIGRAMS], "levels": LEVELS},
            [Conv(filters=6, kernel_size=1, activation="linear")],
        ),
        (
            {"levels": LEVELS},
            [Conv(filters=6, kernel_size=2), Conv(filters=4, kernel_size=4, dilation_rate=3)],
        ),
        ({}, [Conv(filters=6, normalize=True)]),
        ({}, [GatedConv(normalize=True, gate="residual_glu"), Conv(filters=6)]),
        ({}, [Conv(filters=6, dilation_rate=2, activation="gelu"), Conv(filters=4, activation="silu")]),
        (
            {},
            [Conv(filters=6, kernel_size=1, activation="linear"), GatedConv(normalize=True), Conv(filters=4)],
        ),
    ],
)
def test_equals_the_layers(mask: np.ndarray, options: dict[str, Any], encoder: list[Encoder]) -> None:
    embedding, blocks = network(encoder, **options)
    folded = fold(embedding, blocks)
    assert folded is not None
    ids, ngrams, levels = inputs(embedding)
    real = tf.constant(mask)
    expected = run_blocks(blocks, embedding(ids, ngrams, levels, mask=real), real)
    found = run_blocks(blocks[folded.blocks :], folded(ids, ngrams, levels, real), real)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=2e-6)


@pytest.mark.parametrize(
    ("encoder", "options"),
    [
        ([Conv(filters=6, normalize=True)], {"ngrams": [BIGRAMS]}),
        ([GatedConv(normalize=True), Conv(filters=6)], {"levels": LEVELS}),
        ([Conv(filters=6, kernel_size=2, dilation_rate=3)], {}),
        ([LayerNorm(), Conv(filters=6)], {}),
        ([Conv(filters=6)], {"dtype": "mixed_float16"}),
    ],
)
def test_where_it_does_not_apply(encoder: list[Encoder], options: dict[str, Any]) -> None:
    assert fold(*network(encoder, **options)) is None


def test_odd_levels_are_not_folded() -> None:
    embedding = TokenEmbedding(11, 5, levels={"fields": 3, "depth": 8})
    block = build(Conv(filters=6), name="block")
    keras.Sequential([block]).build((None, None, 29))
    embedding.build((None, None))
    assert fold(embedding, [block]) is None


def test_large_tables_are_not_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = network([Conv(filters=6)])
    monkeypatch.setattr("nlpx.models.folding.LARGEST", 12 * 3 * 6 - 1)
    assert fold(*parts) is None
    monkeypatch.setattr("nlpx.models.folding.LARGEST", 12 * 3 * 6)
    assert fold(*parts) is not None
