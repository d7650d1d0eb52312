"""The simple cell against the layer of Keras and the harness of layers."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpx.components.encoders.bidirectional import Bidirectional
from nlpx.core.build import build
from nlpx.layers.portable import portable
from nlpx.layers.recurrent import Cell, outputs, recurrent
from tests.layers.harness import Contract, check_layer, normal


def test_the_simple_cell_is_the_simple_layer_of_keras() -> None:
    x = np.random.default_rng(0).normal(size=(2, 7, 4)).astype(np.float32)
    ours, theirs = recurrent("simple", 5, "float32", "ours"), keras.layers.SimpleRNN(5, return_sequences=True)
    found, _ = ours(x), theirs(x)
    theirs.set_weights([np.asarray(weight) for weight in ours.weights])
    np.testing.assert_allclose(found, theirs(x), atol=1e-6)
    states = np.zeros(5)
    kernel, recurrent_kernel, bias = ours.get_weights()
    for time in range(7):
        states = np.tanh(states @ recurrent_kernel + x[0, time] @ kernel + bias)
        np.testing.assert_allclose(found[0, time], states, atol=1e-5)


@pytest.mark.parametrize("cell", ["lstm", "gru", "simple"])
def test_a_loop_without_lists_gives_the_same(cell: Cell) -> None:
    """LiteRT has no lists of tensors with free axes."""
    layer = recurrent(cell, 5, "float32", "layer")
    x = np.random.default_rng(0).normal(size=(3, 6, 4)).astype(np.float32)
    expected = layer(x)
    with portable(lists=False):
        traced = tf.function(lambda x: outputs(layer, x), autograph=False).get_concrete_function(x)
    np.testing.assert_allclose(traced(x), expected, atol=1e-6)
    assert not [node.op for node in traced.graph.as_graph_def().node if "TensorList" in node.op]


def test_a_block_with_the_simple_cell() -> None:
    block = Bidirectional(units=3, cell="simple")
    check_layer(lambda: build(block, name="layer"), Contract(normal(4)), compiled=False)
