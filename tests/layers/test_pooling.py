"""Poolings: rows alone against rows among padding, empty rows, precision, saving, gradients."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpx.layers.pooling import AttentionPooling, LastPooling, MaxPooling, MeanPooling, Pooling

LENGTHS = np.array([6, 4, 1, 0])
MASK = np.arange(6) < LENGTHS[:, None]
KINDS = [LastPooling, MeanPooling, MaxPooling, AttentionPooling]


def inputs(seed: int = 0, width: int = 6) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(4, width, 3)).astype(np.float32) - 2


@pytest.mark.parametrize(
    ("kind", "oracle"),
    [
        (LastPooling, lambda row: row[-1]),
        (MeanPooling, lambda row: row.mean(0)),
        (MaxPooling, lambda row: row.max(0)),
    ],
)
def test_each_row_by_itself(kind: type[Pooling], oracle: Callable[[np.ndarray], np.ndarray]) -> None:
    x = inputs()
    found = kind()(x, mask=MASK).numpy()
    for row, length in enumerate(LENGTHS[:3]):
        np.testing.assert_allclose(found[row], oracle(x[row, :length]), rtol=1e-6)


def test_attention_is_a_mean_with_softmax_weights() -> None:
    layer, x = AttentionPooling(), inputs()
    found = layer(x, mask=MASK).numpy()
    w, b = (np.asarray(value) for value in (layer.hidden.kernel, layer.hidden.bias))
    for row, length in enumerate(LENGTHS[:3]):
        real = x[row, :length]
        scores = np.exp(np.tanh(real @ w + b) @ np.asarray(layer.score.kernel))
        np.testing.assert_allclose(found[row], (scores / scores.sum() * real).sum(0), rtol=1e-5)
    layer.score.kernel.assign(tf.zeros_like(layer.score.kernel))
    np.testing.assert_allclose(layer(x, mask=MASK), MeanPooling()(x, mask=MASK), atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_padding_and_empty_rows(kind: type[Pooling]) -> None:
    layer, x = kind(), inputs()
    found = layer(x, mask=MASK).numpy()
    assert not found[3].any()
    longer = np.concatenate([x, np.full((4, 3, 3), 1e6, np.float32)], 1)
    again = layer(longer, mask=np.arange(9) < LENGTHS[:, None])
    np.testing.assert_allclose(again, found, rtol=1e-6)
    np.testing.assert_allclose(layer(x[:1]), layer(x[:1], mask=MASK[:1]), rtol=1e-6)
    for row, length in enumerate(LENGTHS[:3]):
        np.testing.assert_allclose(layer(x[row : row + 1, :length])[0], found[row], rtol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_finite_and_stay_out_of_the_padding(kind: type[Pooling]) -> None:
    layer, x = kind(), tf.constant(inputs() * 1e3)
    with tf.GradientTape() as tape:
        tape.watch(x)
        total = tf.reduce_sum(tf.square(layer(x, mask=MASK)))
    gradient = tape.gradient(total, x).numpy()
    assert np.isfinite(gradient).all()
    assert gradient[MASK].any()
    assert not gradient[~MASK].any()


@pytest.mark.parametrize("kind", KINDS)
def test_in_a_saved_functional_model_and_in_bfloat16(kind: type[Pooling], tmp_path: object) -> None:
    symbols = keras.Input((None, 3)), keras.Input((None,), dtype="bool")
    model = keras.Model(symbols, kind(name="pool")(symbols[0], mask=symbols[1]))
    assert model.output_shape == (None, 3)
    path = f"{tmp_path}/model.keras"
    model.save(path)
    x = inputs()
    np.testing.assert_array_equal(keras.models.load_model(path)([x, MASK]), model([x, MASK]))
    mixed = kind(dtype="mixed_bfloat16")
    found = mixed(x, mask=MASK)
    mixed.set_weights(model.get_layer("pool").get_weights())
    found = mixed(x, mask=MASK)
    assert found.dtype == tf.bfloat16
    np.testing.assert_allclose(tf.cast(found, tf.float32), model([x, MASK]), rtol=0.03, atol=0.03)
