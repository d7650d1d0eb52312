"""SqueezeNet 1.1 beside an independent forward pass in NumPy, on the weights of a file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import h5py
import numpy as np
import pytest
import tensorflow as tf

from nlpx.components.backbones.squeezenet_layer import FIRES, SqueezeNet

Weights = Mapping[str, tuple[np.ndarray, np.ndarray]]
"""Kernel and bias by name of the layer."""


def window(x: np.ndarray, size: int, stride: int) -> np.ndarray:
    """(H, W, D) -> (H', W', D, size, size)."""
    return np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(0, 1))[::stride, ::stride]


def conv(x: np.ndarray, kernel: np.ndarray, bias: np.ndarray, stride: int = 1, pad: int = 0) -> np.ndarray:
    x = np.pad(x, ((pad, pad), (pad, pad), (0, 0)))
    return np.maximum(np.einsum("hwdij,ijdo->hwo", window(x, kernel.shape[0], stride), kernel) + bias, 0)


def forward(picture: np.ndarray, weights: Weights) -> np.ndarray:
    """What the paper says, one picture (S, S, 3) RGB at a time, in float64."""
    x = picture[..., ::-1].astype(np.float64) - np.array([103.939, 116.779, 123.68])
    x = conv(x, *weights["conv1"], stride=2)
    for number in range(2, 10):
        if number in (2, 4, 6):
            x = window(x, 3, 2).max(axis=(-1, -2))
        s = conv(x, *weights[f"fire{number}/squeeze1x1"])
        e1 = conv(s, *weights[f"fire{number}/expand1x1"])
        x = np.concatenate([e1, conv(s, *weights[f"fire{number}/expand3x3"], pad=1)], axis=-1)
    return x


def random_weights() -> Weights:
    random = np.random.default_rng(0)
    shapes = {"conv1": (3, 3, 3, 64)}
    width = 64
    for name, (squeeze, expand) in FIRES.items():
        shapes[f"{name}/squeeze1x1"] = (1, 1, width, squeeze)
        shapes[f"{name}/expand1x1"] = (1, 1, squeeze, expand)
        shapes[f"{name}/expand3x3"] = (3, 3, squeeze, expand)
        width = 2 * expand
    return {
        name: (
            random.normal(0, (2 / np.prod(s[:3])) ** 0.5, s).astype(np.float32),
            random.normal(0, 0.1, s[3]).astype(np.float32),
        )
        for name, s in shapes.items()
    }


def save(path: Path, weights: Weights) -> Path:
    """A file as Keras 2 wrote it, in which every kernel has another name."""
    with h5py.File(path, "w") as file:
        for number, (name, (kernel, bias)) in enumerate(weights.items()):
            file[f"{name}/uniform{number}"] = kernel
            file[f"{name}/{name}_b"] = bias
    return path


def loaded(path: Path, size: int) -> SqueezeNet:
    layer = SqueezeNet()
    layer.build((None, size, size, 3))
    layer.read_weights(path)
    return layer


@pytest.mark.parametrize("size", [31, 48, 65])
def test_it_computes_what_numpy_computes(tmp_path: Path, size: int) -> None:
    weights = random_weights()
    layer = loaded(save(tmp_path / "weights.h5", weights), size)
    pictures = np.random.default_rng(size).integers(0, 256, (2, size, size, 3)).astype(np.uint8)
    expected = np.stack([forward(picture, weights) for picture in pictures])
    np.testing.assert_allclose(
        layer(tf.constant(pictures)).numpy(), expected, rtol=1e-4, atol=1e-4 * expected.max()
    )


def test_it_has_the_weights_of_the_paper() -> None:
    layer = SqueezeNet()
    layer.build((None, 224, 224, 3))
    assert layer.count_params() == 722_496
    assert layer(tf.zeros((1, 224, 224, 3))).shape == (1, 13, 13, 512)
    assert [block.name for block in layer.blocks] == ["conv1", *FIRES]


def test_training_changes_nothing() -> None:
    layer = SqueezeNet()
    x = tf.random.stateless_uniform((1, 40, 40, 3), (1, 2), 0, 255)
    assert (layer(x, training=True) == layer(x, training=False)).numpy().all()


def test_a_file_of_another_network_is_refused(tmp_path: Path) -> None:
    weights = dict(random_weights())
    kernel, bias = weights["fire3/expand1x1"]
    with pytest.raises(ValueError, match=r"layer fire3/expand1x1 has weights of the shapes .*, not "):
        loaded(save(tmp_path / "shape.h5", {**weights, "fire3/expand1x1": (kernel[..., :5], bias)}), 40)
    del weights["fire9/squeeze1x1"]
    with pytest.raises(ValueError, match="there is no layer fire9/squeeze1x1"):
        loaded(save(tmp_path / "missing.h5", weights), 40)
    (tmp_path / "text.h5").write_text("woof")
    with pytest.raises(OSError, match="signature"):
        loaded(tmp_path / "text.h5", 40)


def test_the_published_weights(tmp_path: Path) -> None:
    """With the file of ImageNet weights, where NLPX_SQUEEZENET names it: every weight is read, nothing is left over."""
    path = Path(os.environ.get("NLPX_SQUEEZENET", ""))
    if not path.is_file():
        pytest.skip("NLPX_SQUEEZENET names no file of weights")
    weights = {}
    with h5py.File(path) as file:
        for name in random_weights():
            found: list[np.ndarray] = []
            file[name].visititems(
                lambda _, item, found=found: (
                    found.append(item[()]) if isinstance(item, h5py.Dataset) else None
                )
            )
            kernel, bias = sorted(found, key=np.ndim, reverse=True)
            weights[name] = (kernel, bias)
    picture = np.random.default_rng(3).integers(0, 256, (224, 224, 3)).astype(np.uint8)
    expected = forward(picture, weights)
    found = loaded(path, 224)(tf.constant(picture[None])).numpy()[0]
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4 * expected.max())
