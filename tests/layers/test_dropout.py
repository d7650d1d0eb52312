"""Dropout with a rate that follows a schedule, against the layer of Keras and against counts."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpx.components.encoders.conv import Conv
from nlpx.components.schedules.linear import Linear
from nlpx.components.varying import Scheduled, at
from nlpx.core.build import build
from nlpx.layers.dropout import Dropout

LINEAR = Scheduled(value=0.8, schedule=Linear(decay_steps=10))
"""0.8 falls to 0 in ten updates."""


def test_a_number_gives_the_bits_of_keras() -> None:
    x = np.ones((50, 40), np.float32)
    ours, theirs = (layer(0.3, seed=1)(x, training=True) for layer in (Dropout, keras.layers.Dropout))
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_the_rate_is_that_of_the_update_in_one_trace(dtype: str) -> None:
    layer, traces = Dropout(LINEAR, seed=1, dtype=dtype), []

    @tf.function
    def dropped(step: tf.Tensor) -> tf.Tensor:
        traces.append(step)
        with at(step):
            return layer(tf.ones((200, 200), dtype), training=True)

    for step, rate in ((0, 0.8), (5, 0.4), (10, 0.0)):
        y = np.asarray(tf.cast(dropped(tf.constant(step)), "float32"))
        assert abs((y == 0).mean() - rate) < 0.01
        np.testing.assert_allclose(y[y != 0], 1 / (1 - rate), rtol=1e-2 if dtype != "float32" else 1e-6)
    assert len(traces) == 1


def test_outside_of_training_nothing_is_dropped_and_no_update_is_needed() -> None:
    x = np.ones((4, 5), np.float32)
    np.testing.assert_array_equal(Dropout(LINEAR)(x, training=False), x)


def test_blocks_take_the_rate_of_their_options() -> None:
    schedule = {"type": "linear", "decay_steps": 10}
    given = {"filters": 300, "dropout": {"value": 0.8, "schedule": schedule}, "activation": "linear"}
    block = build(Conv.model_validate(given))
    with at(5):
        y = block(np.ones((9, 30, 4), np.float32), training=True)
    assert abs((np.asarray(y) == 0).mean() - 0.4) < 0.02
