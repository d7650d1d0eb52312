"""The small convolutional network: its shapes, and what training does to its statistics."""

from __future__ import annotations

import keras
import numpy as np

from nlpx.components.backbones.small_conv_layer import SmallConv

IMAGES = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3)).astype(np.uint8)


def small(dropout: float = 0.0) -> SmallConv:
    keras.utils.set_random_seed(0)
    layer = SmallConv([4, 6, 8], 3, dropout)
    layer.build((None, 16, 16, 3))
    return layer


def statistics(layer: keras.layers.Layer) -> list[np.ndarray]:
    return [weight.numpy() for weight in layer.non_trainable_weights if "moving" in weight.path]


def test_every_stage_but_the_last_halves_the_edge() -> None:
    assert small()(IMAGES).shape == (4, 4, 4, 8)
    assert [block.name for block in small().blocks] == ["conv1", "norm1", "conv2", "norm2", "conv3", "norm3"]


def test_only_training_moves_the_statistics() -> None:
    layer = small()
    before = statistics(layer)
    layer(IMAGES, training=False)
    assert all((a == b).all() for a, b in zip(before, statistics(layer), strict=True))
    layer(IMAGES, training=True)
    assert all((a != b).any() for a, b in zip(before, statistics(layer), strict=True))


def test_a_frozen_one_trains_as_it_answers() -> None:
    layer = small()
    layer(IMAGES, training=True)
    layer.trainable = False
    before = layer.get_weights()
    trained, answered = layer(IMAGES, training=True), layer(IMAGES, training=False)
    assert (trained == answered).numpy().all()
    assert all((a == b).all() for a, b in zip(before, layer.get_weights(), strict=True))
    assert layer.trainable_weights == []


def test_whole_channels_drop_in_training_only() -> None:
    layer = small(dropout=0.5)
    answered = layer(IMAGES, training=False).numpy()
    assert (layer(IMAGES, training=False).numpy() == answered).all()
    dropped = (layer(IMAGES, training=True).numpy() == 0).all(axis=(1, 2))
    assert 0 < dropped.mean() < 1
