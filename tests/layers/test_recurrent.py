"""The bidirectional layer: padding against no padding, and against Keras's own wrapper."""

from __future__ import annotations

from typing import Literal

import keras
import numpy as np
import pytest

from nlpx.layers.recurrent import CELLS, BidirectionalRNN
from tests.layers.harness import check_layer

Cell = Literal["lstm", "gru"]
Merge = Literal["concat", "sum"]


@pytest.mark.parametrize(("cell", "merge", "dropout"), [("lstm", "concat", 0.0), ("gru", "sum", 0.2)])
def test_invariants(cell: Cell, merge: Merge, dropout: float) -> None:
    check_layer(lambda: BidirectionalRNN(3, cell, merge, dropout), 4)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_padded_rows_equal_rows_alone(cell: Cell) -> None:
    layer = BidirectionalRNN(5, cell)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(6, 9, 4)).astype(np.float32)
    lengths = np.array([9, 7, 3, 1, 0, 0])
    y = layer(x, mask=np.arange(9) < lengths[:, None]).numpy()
    for row, length in enumerate(lengths[:4]):
        np.testing.assert_allclose(y[row, :length], layer(x[row : row + 1, :length])[0], rtol=0, atol=1e-6)
    assert not y[4:].any()


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("merge", ["concat", "sum"])
def test_equals_the_wrapper_of_keras(cell: Cell, merge: Merge) -> None:
    layer = BidirectionalRNN(5, cell, merge)
    x = np.random.default_rng(1).normal(size=(3, 7, 4)).astype(np.float32)
    y = layer(x)
    oracle = keras.layers.Bidirectional(CELLS[cell](5, return_sequences=True), merge_mode=merge)
    oracle.build(x.shape)
    oracle.set_weights([*layer.forward.get_weights(), *layer.backward.get_weights()])
    np.testing.assert_allclose(y, oracle(x), atol=1e-6)


def test_size_of_the_article() -> None:
    layer = BidirectionalRNN(64, merge="sum")
    layer.build((None, None, 128))
    assert layer.count_params() == 98_816


def test_unknown_names_are_refused() -> None:
    with pytest.raises(ValueError, match="cell 'rnn', merge 'concat'; expected lstm or gru, concat or sum"):
        BidirectionalRNN(3, "rnn")  # type: ignore[arg-type]  # the point of the test
    with pytest.raises(ValueError, match="merge 'mean'"):
        BidirectionalRNN(3, merge="mean")  # type: ignore[arg-type]  # the point of the test
