"""Layer of a network of keras.applications."""

from __future__ import annotations

import importlib
from pathlib import Path
from urllib.error import URLError

import keras

from nlpx.components.backbones.application import NETWORKS


@keras.saving.register_keras_serializable(package="nlpx")
class Application(keras.layers.Layer):
    """Images (B, S, S, 3) with values 0 to 255 -> features (B, H, W, D) of a network without classifier.

    The network's own preprocessing comes first (Xception: x / 127.5 - 1). Its name is that of the network.
    """

    def __init__(self, name: str, **kwargs: object) -> None:
        super().__init__(name=name, **kwargs)
        module_name, self._constructor, _ = NETWORKS[name]
        self._module = importlib.import_module(f"keras.applications.{module_name}")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Build the network for images of this size with random weights."""
        self.network = self._network(tuple(input_shape)[1:], None)
        self.built = True

    @property
    def blocks(self) -> list[keras.layers.Layer]:
        """The layers of the network, in order."""
        return list(self.network.layers)

    def call(self, x: keras.KerasTensor, training: bool = False) -> keras.KerasTensor:
        """Features; frozen batch normalizations use their moving statistics."""
        x = self._module.preprocess_input(keras.ops.cast(x, self.compute_dtype))
        return self.network(x, training=training)

    def read_weights(self, path: Path) -> None:
        """Load a file of weights without the classifier; the layer must be built.

        Raises:
            OSError: the file is missing or is not HDF5.
            ValueError: it belongs to another network.
        """
        self.network.load_weights(str(path))

    def fetch_weights(self) -> None:
        """Load ImageNet weights, which Keras downloads once; raises OSError if it cannot."""
        try:
            fetched = self._network(self.network.input_shape[1:], "imagenet")
        except Exception as error:
            # Keras raises a plain Exception if a download fails; do not catch subclasses.
            if isinstance(error.__context__, URLError):
                raise OSError(str(error)) from error
            raise
        self.network.set_weights(fetched.get_weights())

    def _network(self, shape: tuple[int | None, ...], weights: str | None) -> keras.Model:
        constructor = getattr(keras.applications, self._constructor)
        return constructor(include_top=False, weights=weights, input_shape=shape)
