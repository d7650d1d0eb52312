"""Layer of stacks of convolutions with pooling over the whole image."""

from __future__ import annotations

from collections.abc import Sequence

import keras

from nlpx.layers.conv_stack import conv_stacks
from nlpx.layers.spectral_norm import Chain, normalized_if


@keras.saving.register_keras_serializable(package="nlpx")
class PooledConvNetwork(Chain):
    """Convolutions, global pooling, dense layers; (B, H, W, C) -> (B, *outputs).

    With the options of `PooledConv`.
    """

    def __init__(
        self,
        filters: Sequence[Sequence[int]],
        kernel_size: int,
        pooling: str,
        hidden: Sequence[int],
        activation: str,
        spectral_norm: bool,
        outputs: Sequence[int],
        **kwargs: object,
    ) -> None:
        super().__init__(**kwargs)
        pools = {"mean": keras.layers.GlobalAveragePooling2D, "max": keras.layers.GlobalMaxPooling2D}
        self.chain = [
            *conv_stacks(filters, kernel_size, activation, spectral_norm, self.dtype_policy),
            pools[pooling](name="pooled"),
        ]
        for i, width in enumerate(hidden, start=1):
            dense = keras.layers.Dense(width, name=f"dense{i}", dtype=self.dtype_policy)
            self.chain += [normalized_if(spectral_norm, dense), keras.layers.Activation(activation)]
        self.chain += self.last(tuple(outputs), spectral_norm)
