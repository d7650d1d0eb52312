"""Layer of SqueezeNet 1.1."""

from __future__ import annotations

from pathlib import Path

import h5py
import keras
import numpy as np

MEAN_BLUE_GREEN_RED = (103.939, 116.779, 123.68)
FIRES = {
    "fire2": (16, 64),
    "fire3": (16, 64),
    "fire4": (32, 128),
    "fire5": (32, 128),
    "fire6": (48, 192),
    "fire7": (48, 192),
    "fire8": (64, 256),
    "fire9": (64, 256),
}
"""Squeezed channels, and channels of each of the two expansions, by name."""
POOLED_BEFORE = ("fire2", "fire4", "fire6")


class _Fire(keras.layers.Layer):
    """fire(x) = [relu(conv1x1(s)), relu(conv3x3(s))],  s = relu(conv1x1(x))."""

    def __init__(self, squeeze: int, expand: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.squeeze1x1 = keras.layers.Conv2D(squeeze, 1, activation="relu", name="squeeze1x1")
        self.expand1x1 = keras.layers.Conv2D(expand, 1, activation="relu", name="expand1x1")
        self.expand3x3 = keras.layers.Conv2D(expand, 3, padding="same", activation="relu", name="expand3x3")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.squeeze1x1.build(input_shape)
        for part in (self.expand1x1, self.expand3x3):
            part.build((*input_shape[:-1], self.squeeze1x1.filters))
        self.built = True

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        """(B, H, W, D) -> (B, H, W, 2 * expand)."""
        s = self.squeeze1x1(x)
        return keras.ops.concatenate([self.expand1x1(s), self.expand3x3(s)], axis=-1)


@keras.saving.register_keras_serializable(package="nlpx")
class SqueezeNet(keras.layers.Layer):
    """Images (B, S, S, 3) with values 0 to 255, RGB -> features (B, H, W, 512).

    conv1 3x3/2 -> pool -> fire2, fire3 -> pool -> fire4, fire5 -> pool -> fire6 ... fire9, padded in the 3x3
    convolutions of the fire modules only.
    """

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.conv1 = keras.layers.Conv2D(64, 3, strides=2, activation="relu", name="conv1")
        self.pool = keras.layers.MaxPooling2D(3, strides=2)
        self.fires = [_Fire(*channels, name=name) for name, channels in FIRES.items()]

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the weights of all parts, which do not depend on the image size."""
        self.conv1.build(input_shape)
        width = self.conv1.filters
        for fire in self.fires:
            fire.build((*input_shape[:-1], width))
            width = 2 * fire.expand1x1.filters
        self.built = True

    @property
    def blocks(self) -> list[keras.layers.Layer]:
        """The parts with weights, in order."""
        return [self.conv1, *self.fires]

    def call(self, x: keras.KerasTensor, training: bool = False) -> keras.KerasTensor:
        """The same in training, because there is no dropout and no normalization."""
        x = keras.ops.cast(x, self.compute_dtype)
        x = keras.ops.flip(x, axis=-1) - keras.ops.convert_to_tensor(MEAN_BLUE_GREEN_RED, self.compute_dtype)
        x = self.conv1(x)
        for fire in self.fires:
            if fire.name in POOLED_BEFORE:
                x = self.pool(x)
            x = fire(x)
        return x

    def read_weights(self, path: Path) -> None:
        """Load a Keras HDF5 file of weights; the layer must be built.

        Raises:
            OSError: the file is missing or is not HDF5.
            ValueError: a layer is missing in it or has different shapes.
        """
        with h5py.File(path) as file:
            _assign(self.conv1, file, "conv1")
            for fire in self.fires:
                for part in (fire.squeeze1x1, fire.expand1x1, fire.expand3x3):
                    _assign(part, file, f"{fire.name}/{part.name}")


def _assign(layer: keras.layers.Layer, file: h5py.File, name: str) -> None:
    if name not in file:
        raise ValueError(f"there is no layer {name} in it")
    found: list[np.ndarray] = []
    file[name].visititems(lambda _, item: found.append(item[()]) if isinstance(item, h5py.Dataset) else None)
    found.sort(key=np.ndim, reverse=True)  # the kernel, then the bias
    shapes, expected = [value.shape for value in found], [tuple(weight.shape) for weight in layer.weights]
    if shapes != expected:
        raise ValueError(f"its layer {name} has weights of the shapes {shapes}, not {expected}")
    layer.set_weights(found)
