"""The forward recurrent layer."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from nlpx.layers.forward_recurrent import ForwardRNN
from nlpx.layers.recurrent import CELLS
from tests.layers.harness import check_layer


def test_invariants() -> None:
    check_layer(lambda: ForwardRNN(3, "gru", 0.2), 4)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_equals_the_layer_of_keras(cell: str) -> None:
    layer = ForwardRNN(5, cell)  # type: ignore[arg-type]  # one of the two
    x = np.random.default_rng(1).normal(size=(3, 7, 4)).astype(np.float32)
    y = layer(x)
    oracle = CELLS[cell](5, return_sequences=True)
    oracle.build(x.shape)
    oracle.set_weights(layer.forward.get_weights())
    np.testing.assert_allclose(y, oracle(x), atol=1e-6)


def test_an_unknown_cell() -> None:
    with pytest.raises(ValueError, match="expected gru or lstm"):
        ForwardRNN(cell="rnn")  # type: ignore[arg-type]  # refused


def test_parameters_of_the_original() -> None:
    layer = ForwardRNN(128)
    layer.build((None, None, 128))
    assert isinstance(layer.forward, keras.layers.GRU)
    assert layer.count_params() == 99_072
