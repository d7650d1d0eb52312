"""Networks of keras.applications as layers that take raw pictures."""

from __future__ import annotations

import importlib
from pathlib import Path
from urllib.error import URLError

import keras

IMAGENET = "imagenet"
MODULES = {
    "densenet121": ("densenet", "DenseNet121"),
    "efficientnet_b0": ("efficientnet", "EfficientNetB0"),
    "efficientnet_v2_b0": ("efficientnet_v2", "EfficientNetV2B0"),
    "inception_v3": ("inception_v3", "InceptionV3"),
    "mobilenet_v2": ("mobilenet_v2", "MobileNetV2"),
    "mobilenet_v3_small": ("mobilenet_v3", "MobileNetV3Small"),
    "resnet50": ("resnet50", "ResNet50"),
    "xception": ("xception", "Xception"),
}
"""By name: module of keras.applications and constructor."""


class Application(keras.layers.Layer):
    """Pictures (B, S, S, 3) with values 0 to 255 -> features (B, H, W, D) of a network without classifier.

    The network's own preprocessing comes first (Xception: x / 127.5 - 1).

    Args:
        name: which network, a key of MODULES.
    """

    def __init__(self, name: str = "xception", **options: object) -> None:
        super().__init__(name=name, **options)
        module_name, self._constructor = MODULES[name]
        self._module = importlib.import_module(f"keras.applications.{module_name}")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the network for pictures of this size, with random weights."""
        self.network = self._network(tuple(input_shape)[1:], None)
        self.built = True

    @property
    def blocks(self) -> list[keras.layers.Layer]:
        """The layers of the network, in order."""
        return list(self.network.layers)

    def call(self, x: keras.KerasTensor, training: bool = False) -> keras.KerasTensor:
        """Features; batch normalizations that may not learn use the statistics they have."""
        x = self._module.preprocess_input(keras.ops.cast(x, self.compute_dtype))
        return self.network(x, training=training)

    def read_weights(self, path: Path) -> None:
        """Take over a file of weights of the network without classifier; the layer must be built.

        Raises:
            OSError: the file is missing or no HDF5.
            ValueError: it belongs to another network.
        """
        self.network.load_weights(str(path))

    def fetch_weights(self) -> None:
        """Take over the weights that Keras downloads, or has downloaded: those of ImageNet.

        Raises:
            OSError: they cannot be downloaded.
        """
        try:
            fetched = self._network(self.network.input_shape[1:], IMAGENET)
        except Exception as error:
            # Keras raises a plain Exception when a download fails; anything else is somebody else's error.
            if isinstance(error.__context__, URLError):
                raise OSError(str(error)) from error
            raise
        self.network.set_weights(fetched.get_weights())

    def _network(self, shape: tuple[int | None, ...], weights: str | None) -> keras.Model:
        constructor = getattr(keras.applications, self._constructor)
        return constructor(include_top=False, weights=weights, input_shape=shape)
