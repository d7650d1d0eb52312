"""The softmax head, with weights of its own and with those of an embedding."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
from scipy.special import log_softmax

from nlpx.components.heads.softmax_layer import SoftmaxHead
from nlpx.layers.token_embedding import TokenEmbedding
from tests.layers.harness import check_layer
from tests.layers.variants import HEAD


@pytest.mark.parametrize("dim", [4, 3], ids=["same_width", "projected"])
def test_invariants_of_tied_weights(dim: int) -> None:
    check_layer(lambda: SoftmaxHead(5, TokenEmbedding(5, dim, name="embedding")), HEAD)


@pytest.mark.parametrize("dim", [4, 3], ids=["same_width", "projected"])
def test_tied_logits(dim: int) -> None:
    embedding = TokenEmbedding(5, dim)
    head = SoftmaxHead(5, embedding)
    x = np.random.default_rng(0).normal(size=(2, 3, 4)).astype(np.float32)
    head(x)
    head.bias.assign(np.arange(5.0))
    projection = np.eye(4) if head.projection is None else head.projection.get_weights()[0]
    expected = x @ projection @ np.asarray(embedding.embeddings).T + np.arange(5)
    np.testing.assert_allclose(head(x), expected, rtol=1e-5, atol=1e-6)
    assert (head.projection is None) == (dim == 4)


def test_one_table_after_loading(tmp_path: Path) -> None:
    ids = keras.Input((None,), dtype="int32")
    embedding = TokenEmbedding(5, 4, name="embedding")
    model = keras.Model(ids, SoftmaxHead(5, embedding, name="head")(embedding(ids)))
    assert len(model.weights) == 2
    path = tmp_path / "model.keras"
    model.save(path)
    loaded = keras.models.load_model(path)
    assert loaded.get_layer("head").tied_to is loaded.get_layer("embedding")
    assert len(loaded.weights) == 2


def test_likelihood() -> None:
    rng = np.random.default_rng(1)
    logits = (rng.normal(size=(2, 3, 5)) * 10).astype(np.float32)
    targets, mask = rng.integers(0, 5, (2, 3)), np.array([[1, 1, 0], [0, 0, 0]], bool)
    head = SoftmaxHead(5)
    log_probabilities = log_softmax(logits.astype(np.float64), -1)
    np.testing.assert_array_equal(head.decoding_scores(logits), logits)
    chosen = np.take_along_axis(log_probabilities, targets[..., None], -1)[..., 0]
    np.testing.assert_allclose(head.nll(logits, targets, mask), -(chosen * mask).sum(1), rtol=1e-5, atol=1e-6)


def test_a_table_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="6 labels cannot share a table of 5 characters"):
        SoftmaxHead(6, TokenEmbedding(5, 4))
