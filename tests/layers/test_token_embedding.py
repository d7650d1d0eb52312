"""Embeddings of characters, n-grams and levels."""

from __future__ import annotations

import numpy as np
import pytest

from nlpx.layers.token_embedding import TokenEmbedding
from tests.layers.harness import Contract, check_layer

NGRAMS: list[dict[str, float]] = [
    {"vocabulary_size": 5, "dim": 3, "dropout": 0.5},
    {"vocabulary_size": 6, "dim": 2},
]
LEVELS: dict[str, float] = {"fields": 3, "depth": 4, "dropout": 0.1}


def ids(rng: np.random.Generator, high: int, batch: int, length: int) -> np.ndarray:
    return rng.integers(0, high, (batch, length), dtype=np.int32)


def everything(
    rng: np.random.Generator, batch: int, length: int
) -> tuple[np.ndarray, list[np.ndarray], np.ndarray]:
    ngrams = [ids(rng, size, batch, length) for size in (5, 5, 6, 6)]
    levels = rng.integers(0, 4, (batch, length, 3)).astype(np.uint8)
    return ids(rng, 7, batch, length), ngrams, levels


def test_invariants() -> None:
    def characters(rng: np.random.Generator, batch: int, length: int) -> tuple[np.ndarray]:
        return (ids(rng, 7, batch, length),)

    check_layer(lambda: TokenEmbedding(7, 4, 0.2), Contract(characters))


def test_invariants_with_everything() -> None:
    check_layer(lambda: TokenEmbedding(7, 4, 0.2, NGRAMS, LEVELS), Contract(everything))


def test_vectors_stand_side_by_side() -> None:
    layer = TokenEmbedding(7, 4, 0.5, NGRAMS, LEVELS)
    characters, ngrams, levels = everything(np.random.default_rng(0), 2, 3)
    y = layer(characters, ngrams, levels).numpy()
    tables = [np.asarray(table.embeddings) for table in layer.ngram_tables]
    one_hot = [np.eye(4)[levels[..., field]] for field in range(3)]
    expected = [
        np.asarray(layer.embeddings)[characters],
        *(tables[i // 2][feature] for i, feature in enumerate(ngrams)),
        *one_hot,
    ]
    np.testing.assert_allclose(y, np.concatenate(expected, -1), rtol=1e-6)
    assert layer.embeddings.shape == (7, 4)


def test_training_replaces_ngrams_by_the_unknown() -> None:
    layer = TokenEmbedding(
        2, 1, 0.0, [{"vocabulary_size": 2, "dim": 1, "dropout": 0.25}], {**LEVELS, "dropout": 0.5}
    )
    layer.build((None, None))
    layer.ngram_tables[0].set_weights([np.array([[-1.0], [1.0]])])
    ones, highest = np.ones((40, 50), np.int32), np.full((40, 50, 3), 3, np.uint8)
    y = layer(ones, [ones, ones], highest, training=True).numpy()
    features = y[..., 1:3]
    assert set(np.unique(features)) == {-1.0, 1.0}
    assert (features == -1).mean() == pytest.approx(0.25, abs=0.03)
    assert (features[..., 0] != features[..., 1]).any()
    levels = y[..., 3:].reshape(40, 50, 3, 4)
    dropped = levels[..., 0].astype(bool)
    assert (dropped.all(-1) | ~dropped.any(-1)).all()
    assert dropped.mean() == pytest.approx(0.5, abs=0.05)
    assert (layer(ones, [ones, ones], highest).numpy()[..., 1:3] == 1).all()


def test_dropout_acts_on_elements() -> None:
    layer = TokenEmbedding(3, 64, 0.25)
    layer.build((None, None))
    layer.table.set_weights([np.ones((3, 64))])
    y = layer(np.zeros((4, 50), np.int32), training=True).numpy()
    assert np.unique(y).tolist() == pytest.approx([0, 4 / 3])
    assert (y == 0).mean() == pytest.approx(0.25, abs=0.03)


def test_missing_features_are_refused() -> None:
    characters, ngrams, levels = everything(np.random.default_rng(0), 2, 3)
    layer = TokenEmbedding(7, 4, ngrams=NGRAMS)
    with pytest.raises(ValueError, match="2 n-gram tables, two features each; got 2"):
        layer(characters, ngrams[:2])
    with pytest.raises(ValueError, match="option `levels`"):
        layer(characters, ngrams, levels)
    with pytest.raises(ValueError, match="option `levels`"):
        TokenEmbedding(7, 4, levels=LEVELS)(characters)
