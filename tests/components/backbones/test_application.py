"""Networks of keras.applications: their preprocessing, and where their weights come from."""

from __future__ import annotations

from pathlib import Path
from urllib.error import URLError

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpx.components.backbones.application import NETWORKS
from nlpx.components.backbones.application_layer import Application


@pytest.mark.parametrize("name", ["mobilenet_v3_small", "mobilenet_v2"])
def test_an_application_takes_raw_images_of_its_smallest_edge(name: str, tmp_path: Path) -> None:
    size = NETWORKS[name][2]
    layer = Application(name)
    layer.build((None, size, size, 3))
    images = tf.cast(tf.random.stateless_uniform((2, size, size, 3), (1, 2), 0, 256, tf.int32), tf.uint8)
    found = layer(images)
    assert found.shape[:3] == (2, 1, 1)
    module = getattr(keras.applications, NETWORKS[name][0])
    expected = layer.network(module.preprocess_input(images.numpy().astype(np.float32)))
    np.testing.assert_allclose(found.numpy(), expected.numpy(), rtol=1e-4, atol=1e-5)
    other = Application(name)
    other.build((None, size, size, 3))
    layer.network.save_weights(str(tmp_path / "x.weights.h5"))
    other.read_weights(tmp_path / "x.weights.h5")
    assert (other(images) == found).numpy().all()


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
