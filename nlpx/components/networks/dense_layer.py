"""Layer of the network of dense layers."""

from __future__ import annotations

from collections.abc import Sequence

import keras

from nlpx.layers.spectral_norm import Chain, normalized_if


@keras.saving.register_keras_serializable(package="nlpx")
class DenseNetwork(Chain):
    """y = W_n a(... a(W_1 x + b_1) ...) + b_n, (B, *inputs) -> (B, *outputs), with the options of `Dense`."""

    def __init__(
        self,
        units: Sequence[int],
        dropout: float,
        activation: str,
        spectral_norm: bool,
        outputs: Sequence[int],
        **kwargs: object,
    ) -> None:
        super().__init__(**kwargs)
        shape = tuple(outputs)
        self.chain = [keras.layers.Flatten(name="flatten")]
        for i, width in enumerate(units, start=1):
            dense = keras.layers.Dense(width, name=f"dense{i}", dtype=self.dtype_policy)
            self.chain += [normalized_if(spectral_norm, dense), keras.layers.Activation(activation)]
            if dropout:
                self.chain.append(keras.layers.Dropout(dropout, name=f"dropout{i}"))
        self.chain += self.last(shape, spectral_norm)
