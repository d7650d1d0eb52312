"""What layers compute, recorded by name."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpx.inference.probe import recorded, weights
from tests.components.tricks.tapped import example, tapped


def test_layers_and_taps_by_name() -> None:
    """In a compiled function, too; a layer that is called twice is numbered."""
    model, batch = tapped().model, example(2)
    compiled = tf.function(model)
    expected = compiled(batch)
    with recorded(model) as found:
        np.testing.assert_allclose(compiled(batch), expected, rtol=1e-5)
    assert {name: array.shape for name, array in found.items()} == {
        "embedding/characters": (2, 5, 4),
        "embedding/dropout": (2, 5, 4),
        "embedding": (2, 5, 4),
        "dense": (2, 5, 4),
        "embedding/characters#2": (2, 3, 4),
        "embedding/dropout#2": (2, 3, 4),
        "embedding#2": (2, 3, 4),
        "dense#2": (2, 3, 4),
        "head": (2, 3),
        "tap/embedding": (2, 5, 4),
        "tap/embedding#2": (2, 3, 4),
    }
    table = weights(model)["weight/embedding/characters/embeddings"]
    np.testing.assert_array_equal(found["tap/embedding#2"], table[batch["second"]])
    np.testing.assert_allclose(found["head"], expected, rtol=1e-5)


def test_nothing_is_left_behind() -> None:
    """After an error, layers and compiled functions are as before."""
    before = keras.layers.Layer.__call__
    with pytest.raises(KeyError), recorded(tapped().model):
        raise KeyError
    assert keras.layers.Layer.__call__ is before
    assert not tf.config.functions_run_eagerly()


def test_several_outputs_of_a_layer_have_numbers() -> None:
    cell = keras.layers.LSTM(2, return_state=True, name="lstm")
    model = keras.Sequential([cell], name="model")
    model.build((None, 3, 1))
    with recorded(model) as found:
        cell(np.ones((1, 3, 1), np.float32))
    assert [name for name in found if name.startswith("lstm/") and name[5:].isdigit()] == [
        "lstm/0",
        "lstm/1",
        "lstm/2",
    ]
