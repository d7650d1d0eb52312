"""Layer of the convolution block."""

from __future__ import annotations

import keras
import tensorflow as tf

from nlpx.layers.dropout import Dropout, Rate
from nlpx.layers.masking import SequenceLayer, apply_mask


@keras.saving.register_keras_serializable(package="nlpx")
class ConvBlock(SequenceLayer):
    """y = [x +] dropout(activation(conv([norm] x))), with the options of `Conv`.

    (B, T, D) floating, mask (B, T) bool -> (B, T, filters); 0 outside the mask.

    Raises:
        ValueError: `residual` is set and the width differs from that of the input.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int,
        dilation_rate: int,
        activation: str,
        dropout: Rate,
        residual: bool,
        normalize: bool,
        **kwargs: object,
    ) -> None:
        super().__init__(**kwargs)
        policy = self.dtype_policy
        self.residual = residual
        self.norm = keras.layers.LayerNormalization(dtype=policy, name="norm") if normalize else None
        self.drop = Dropout(dropout, dtype=policy, name="dropout")
        self.conv = keras.layers.Conv1D(
            filters,
            kernel_size,
            padding="same",
            dilation_rate=dilation_rate,
            activation=activation,
            dtype=policy,
            name="conv",
        )

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        width, filters = input_shape[-1], self.conv.filters
        if self.residual and width != filters:
            raise ValueError(f"a residual adds the input, {width} wide, to {filters} filters")
        self.conv.build(input_shape)
        if self.norm is not None:
            self.norm.build(input_shape)
        self.built = True

    def call(self, x: tf.Tensor, mask: tf.Tensor | None = None, training: bool | None = None) -> tf.Tensor:
        seen = x if self.norm is None else self.norm(x)
        y = self.drop(self.conv(apply_mask(seen, mask)), training=training)
        return apply_mask(x + y if self.residual else y, mask)
