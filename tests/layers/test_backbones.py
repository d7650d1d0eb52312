"""Backbones: their shapes, and what training does to their statistics."""

from __future__ import annotations

from pathlib import Path
from urllib.error import URLError

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpx.layers.application import MODULES, Application
from nlpx.layers.small_conv import SmallConv
from nlpx.specs.backbones import SMALLEST_SIZES

PICTURES = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3)).astype(np.uint8)


def small(dropout: float = 0.0) -> SmallConv:
    keras.utils.set_random_seed(0)
    layer = SmallConv([4, 6, 8], dropout=dropout)
    layer.build((None, 16, 16, 3))
    return layer


def statistics(layer: keras.layers.Layer) -> list[np.ndarray]:
    return [weight.numpy() for weight in layer.non_trainable_weights if "moving" in weight.path]


def test_every_stage_but_the_last_halves_the_edge() -> None:
    assert small()(PICTURES).shape == (4, 4, 4, 8)
    assert [block.name for block in small().blocks] == ["conv1", "norm1", "conv2", "norm2", "conv3", "norm3"]


def test_only_training_moves_the_statistics() -> None:
    layer = small()
    before = statistics(layer)
    layer(PICTURES, training=False)
    assert all((a == b).all() for a, b in zip(before, statistics(layer), strict=True))
    layer(PICTURES, training=True)
    assert all((a != b).any() for a, b in zip(before, statistics(layer), strict=True))


def test_a_frozen_one_trains_as_it_answers() -> None:
    layer = small()
    layer(PICTURES, training=True)
    layer.trainable = False
    before = layer.get_weights()
    trained, answered = layer(PICTURES, training=True), layer(PICTURES, training=False)
    assert (trained == answered).numpy().all()
    assert all((a == b).all() for a, b in zip(before, layer.get_weights(), strict=True))
    assert layer.trainable_weights == []


def test_whole_channels_drop_in_training_only() -> None:
    layer = small(dropout=0.5)
    answered = layer(PICTURES, training=False).numpy()
    assert (layer(PICTURES, training=False).numpy() == answered).all()
    dropped = (layer(PICTURES, training=True).numpy() == 0).all(axis=(1, 2))
    assert 0 < dropped.mean() < 1


def test_a_picture_alone_gives_what_it_gives_among_others() -> None:
    layer = small()
    np.testing.assert_allclose(layer(PICTURES[:1]).numpy(), layer(PICTURES).numpy()[:1], atol=1e-5)


def test_every_application_has_its_smallest_edge() -> None:
    assert set(MODULES) == set(SMALLEST_SIZES)


@pytest.mark.parametrize("name", ["mobilenet_v3_small", "mobilenet_v2"])
def test_an_application_takes_raw_pictures_of_its_smallest_edge(name: str, tmp_path: Path) -> None:
    size = SMALLEST_SIZES[name]
    layer = Application(name)
    layer.build((None, size, size, 3))
    pictures = tf.cast(tf.random.stateless_uniform((2, size, size, 3), (1, 2), 0, 256, tf.int32), tf.uint8)
    found = layer(pictures)
    assert found.shape[:3] == (2, 1, 1)
    module = getattr(keras.applications, MODULES[name][0])
    expected = layer.network(module.preprocess_input(pictures.numpy().astype(np.float32)))
    np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-4, atol=1e-5)
    other = Application(name)
    other.build((None, size, size, 3))
    layer.network.save_weights(str(tmp_path / "x.weights.h5"))
    other.read_weights(tmp_path / "x.weights.h5")
    assert (other(pictures) == found).numpy().all()


def test_a_failed_download_is_an_error_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(*arguments: object, **options: object) -> None:
        raise URLError("Temporary failure in name resolution")

    monkeypatch.setattr("keras.src.utils.file_utils.urlretrieve", offline)
    monkeypatch.setenv("KERAS_HOME", "/nonexistent")
    layer = Application("mobilenet_v3_small")
    layer.build((None, 32, 32, 3))
    with pytest.raises(OSError, match="URL fetch failure"):
        layer.fetch_weights()


def test_other_errors_are_not_taken_for_a_failed_download(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = Application("mobilenet_v3_small")
    layer.build((None, 32, 32, 3))

    def broken(*arguments: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(layer, "_network", broken)
    with pytest.raises(ZeroDivisionError):
        layer.fetch_weights()
