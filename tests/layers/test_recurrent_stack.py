"""The recurrent decoder and its normalization: one step at a time, and all steps at once."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
import tensorflow as tf

from nlpx.layers.masking import masked_max
from nlpx.layers.modulated_norm import SelfModulatedNorm
from nlpx.layers.recurrent_stack import RecurrentStack
from nlpx.layers.vocabulary_prior import VocabularyPrior


def normal(*shape: int) -> np.ndarray:
    return np.random.default_rng(len(shape)).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize(("cell", "modulation"), [("lstm", 3), ("gru", None)])
def test_steps_give_what_a_whole_text_gives(cell: Literal["lstm", "gru"], modulation: int | None) -> None:
    """Two hypotheses of each row, both with the same text, beside one call over the text."""
    layer = RecurrentStack(6, 2, cell, modulation)
    x, condition = normal(3, 5, 4), normal(3, 7)
    whole = layer(x, condition)
    states = layer.zeros(3, 2)
    modulations = layer.modulations(tf.constant(condition))
    for time in range(5):
        tokens = tf.repeat(x[:, time : time + 1], 2, axis=1)
        y, states = layer.step(tokens, states, modulations)
        for hypothesis in range(2):
            np.testing.assert_allclose(y[:, hypothesis], whole[:, time], atol=1e-5)
    assert len(states[0]) == (2 if cell == "lstm" else 1)


def test_conditional_layer_normalization_by_its_formula() -> None:
    layer = SelfModulatedNorm(hidden=3)
    x, condition = normal(2, 5, 4), normal(2, 6)
    found = layer(x, condition)
    first, first_bias, second, second_bias, *offset = layer.get_weights()
    scale = np.maximum(condition @ first + first_bias, 0) @ second + second_bias
    shift = np.maximum(condition @ offset[0] + offset[1], 0) @ offset[2] + offset[3]
    normalized = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-3)
    expected = normalized * (1 + scale[:, None]) + shift[:, None]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_sizes_of_the_article() -> None:
    norm, stack = SelfModulatedNorm(32), RecurrentStack(128, 2, "lstm", 32)
    norm.build((None, None, 128), (None, 128))
    stack.build((None, None, 128), (None, 128))
    assert norm.count_params() == 16_704
    assert stack.count_params() == 3 * 16_704 + 2 * 131_584


def test_the_greatest_values_of_real_positions() -> None:
    x = -np.abs(normal(3, 4, 2)) - 1
    mask = np.array([[True, True, False, False], [True] * 4, [False] * 4])
    found = masked_max(tf.constant(x), tf.constant(mask))
    np.testing.assert_array_equal(found, [x[0, :2].max(0), x[1].max(0), [0, 0]])


def test_the_prior_is_the_dense_formula() -> None:
    layer = VocabularyPrior(6)
    ids, mask = np.array([[0, 2, 5], [3, 0, 0]], np.int32), np.array([[True] * 3, [True, False, False]])
    layer(ids, mask)
    scale, shift = normal(6), -normal(6)
    layer.set_weights([scale, shift])
    found = np.array([[1, 0, 1, 0, 0, 1], [0, 0, 0, 1, 0, 0]])
    np.testing.assert_allclose(layer(ids, mask)[:, 0], np.exp(scale) * found + shift, atol=1e-6)
