"""Layer of the network of transposed convolutions."""

from __future__ import annotations

from collections.abc import Sequence

import keras

from nlpx.layers.spectral_norm import Chain, normalized_if


@keras.saving.register_keras_serializable(package="nlpx")
class TransposedConvNetwork(Chain):
    """Dense, transposed convolutions of stride 2; (B, *inputs) -> (B, S, S, C).

    With the options of `TransposedConv`.
    """

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
        size, _, channels = outputs
        start = size // 2 ** len(filters)
        self.chain = [
            keras.layers.Flatten(name="flatten"),
            *self.last((start, start, filters[0]), spectral_norm),
        ]
        for i, width in enumerate([*filters[1:], channels], start=1):
            conv = keras.layers.Conv2DTranspose(
                width, kernel_size, 2, padding="same", name=f"conv{i}", dtype=self.dtype_policy
            )
            self.chain += [keras.layers.Activation(activation), normalized_if(spectral_norm, conv)]
