"""Layer of the convolutional network with max pooling."""

from __future__ import annotations

from collections.abc import Sequence

import keras

from nlpx.components.networks.max_pool_conv import POOL
from nlpx.layers.spectral_norm import Chain, normalized_if


@keras.saving.register_keras_serializable(package="nlpx")
class MaxPoolConvNetwork(Chain):
    """Convolution, activation, max pooling, dropout; dense layers; (B, S, S, C) -> (B, *outputs).

    With the options of `MaxPoolConv`.
    """

    def __init__(
        self,
        filters: Sequence[int],
        kernel_size: int,
        padding: str,
        batch_norm: bool,
        dropout: float,
        units: Sequence[int],
        hidden_dropout: float,
        activation: str,
        spectral_norm: bool,
        outputs: Sequence[int],
        **kwargs: object,
    ) -> None:
        super().__init__(**kwargs)
        policy = self.dtype_policy
        self.chain = []
        for i, width in enumerate(filters, start=1):
            conv = keras.layers.Conv2D(
                width, kernel_size, padding=padding, use_bias=not batch_norm, name=f"conv{i}", dtype=policy
            )
            self.chain += [
                normalized_if(spectral_norm, conv),
                *self._norm(f"conv{i}", batch_norm),
                keras.layers.Activation(activation),
                keras.layers.MaxPooling2D(POOL),
                keras.layers.Dropout(dropout),
            ]
        self.chain.append(keras.layers.Flatten(name="flatten"))
        for i, width in enumerate(units, start=1):
            dense = keras.layers.Dense(width, use_bias=not batch_norm, name=f"dense{i}", dtype=policy)
            self.chain += [
                normalized_if(spectral_norm, dense),
                *self._norm(f"dense{i}", batch_norm),
                keras.layers.Activation(activation),
                keras.layers.Dropout(hidden_dropout),
            ]
        self.chain += self.last(tuple(outputs), spectral_norm)

    def _norm(self, name: str, wanted: bool) -> list[keras.layers.Layer]:
        options = {"momentum": 0.95, "name": f"{name}_norm", "dtype": self.dtype_policy}
        return [keras.layers.BatchNormalization(**options)] if wanted else []

    def call(self, x: keras.KerasTensor, training: bool = False) -> keras.KerasTensor:
        for layer in self.chain:
            varies = isinstance(layer, keras.layers.Dropout | keras.layers.BatchNormalization)
            x = layer(x, training=training) if varies else layer(x)
        return x
