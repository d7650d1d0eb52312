"""Recurrent encoders against the layers of Keras."""

from __future__ import annotations

from typing import Literal

import keras
import numpy as np
import pytest

from nlpx.components.encoders.base import Encoder
from nlpx.components.encoders.bidirectional import Bidirectional
from nlpx.components.encoders.recurrent import Recurrent
from nlpx.core.build import build

CELLS = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU}
X = np.random.default_rng(1).normal(size=(3, 7, 4)).astype(np.float32)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("merge", ["concat", "sum"])
def test_both_directions_equal_the_wrapper_of_keras(
    cell: Literal["lstm", "gru"], merge: Literal["concat", "sum"]
) -> None:
    layer = build(Bidirectional(units=5, cell=cell, merge=merge))
    y = layer(X)
    oracle = keras.layers.Bidirectional(CELLS[cell](5, return_sequences=True), merge_mode=merge)
    oracle.build(X.shape)
    oracle.set_weights([*layer.forward.get_weights(), *layer.backward.get_weights()])
    np.testing.assert_allclose(y, oracle(X), atol=1e-6)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_f26_padded_equals_unpadded(cell: Literal["lstm", "gru"]) -> None:
    x = np.random.default_rng(0).normal(size=(2, 7, 3)).astype(np.float32)
    layer = build(Bidirectional(units=5, cell=cell))
    alone = layer(x[:, :4], mask=np.ones((2, 4), bool))
    padded = layer(x, mask=np.arange(7)[None] < np.array([[4], [4]]))
    np.testing.assert_array_equal(padded[:, :4], alone)
    assert not np.any(padded[:, 4:])


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_one_direction_equals_the_layer_of_keras(cell: Literal["lstm", "gru"]) -> None:
    layer = build(Recurrent(units=5, cell=cell))
    y = layer(X)
    oracle = CELLS[cell](5, return_sequences=True)
    oracle.build(X.shape)
    oracle.set_weights(layer.forward.get_weights())
    np.testing.assert_allclose(y, oracle(X), atol=1e-6)


@pytest.mark.parametrize(
    ("encoder", "weights"), [(Bidirectional(units=64, merge="sum"), 98_816), (Recurrent(units=128), 99_072)]
)
def test_sizes_of_the_articles(encoder: Encoder, weights: int) -> None:
    layer = build(encoder)
    layer.build((None, None, 128))
    assert layer.count_params() == weights
