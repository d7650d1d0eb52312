"""Layer of the convolutional network."""

from __future__ import annotations

from collections.abc import Sequence

import keras

from nlpx.layers.spectral_norm import Chain, normalized_if


@keras.saving.register_keras_serializable(package="nlpx")
class ConvNetwork(Chain):
    """Convolutions of stride 2, flatten, dense; (B, S, S, C) -> (B, *outputs), with the options of `Conv`."""

    def __init__(
        self,
        filters: Sequence[int],
        kernel_size: int,
        activation: str,
        spectral_norm: bool,
        outputs: Sequence[int],
        **kwargs: object,
    ) -> None:
        super().__init__(**kwargs)
        self.chain = []
        for i, width in enumerate(filters, start=1):
            conv = keras.layers.Conv2D(
                width, kernel_size, 2, padding="same", name=f"conv{i}", dtype=self.dtype_policy
            )
            self.chain += [normalized_if(spectral_norm, conv), keras.layers.Activation(activation)]
        self.chain += [keras.layers.Flatten(name="flatten"), *self.last(tuple(outputs), spectral_norm)]
