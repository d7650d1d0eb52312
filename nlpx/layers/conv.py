"""Convolution block with optional normalization, dropout and residual."""

from __future__ import annotations

import keras
import tensorflow as tf

from nlpx.layers.masking import apply_mask


@keras.saving.register_keras_serializable(package="nlpx")
class ConvBlock(keras.layers.Layer):
    """y = [x +] dropout(activation(conv([norm] x))).

    (B, T, D) floating, mask (B, T) bool -> (B, T, filters); 0 outside the mask.

    Args:
        filters: output width.
        kernel_size: positions seen.
        dilation_rate: distance between them.
        activation: name of a Keras activation.
        dropout: share of the output dropped in training.
        residual: add the input; D must equal `filters`.
        normalize: layer normalization before the convolution.

    Raises:
        ValueError: a residual with another width than the input's.

    Source: kexue.fm archive 5542.
    """

    def __init__(
        self,
        filters: int = 128,
        kernel_size: int = 3,
        dilation_rate: int = 1,
        activation: str = "relu",
        dropout: float = 0.0,
        residual: bool = False,
        normalize: bool = False,
        **kwargs: object,
    ) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        self.filters = filters
        self.kernel_size = kernel_size
        self.dilation_rate = dilation_rate
        self.activation = activation
        self.dropout = dropout
        self.residual = residual
        self.normalize = normalize
        self.norm = (
            keras.layers.LayerNormalization(dtype=self.dtype_policy, name="norm") if normalize else None
        )
        self.drop = keras.layers.Dropout(dropout, dtype=self.dtype_policy, name="dropout")
        self.conv = keras.layers.Conv1D(
            filters,
            kernel_size,
            padding="same",
            dilation_rate=dilation_rate,
            activation=activation,
            dtype=self.dtype_policy,
            name="conv",
        )

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        if self.residual and input_shape[-1] != self.filters:
            raise ValueError(f"a residual adds the input, {input_shape[-1]} wide, to {self.filters} filters")
        self.conv.build(input_shape)
        if self.norm is not None:
            self.norm.build(input_shape)
        self.built = True

    def call(self, x: tf.Tensor, mask: tf.Tensor | None = None, training: bool | None = None) -> tf.Tensor:
        seen = x if self.norm is None else self.norm(x)
        y = self.drop(self.conv(apply_mask(seen, mask)), training=training)
        return apply_mask(x + y if self.residual else y, mask)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], self.filters)

    def get_config(self) -> dict[str, object]:
        names = ("filters", "kernel_size", "dilation_rate", "activation", "dropout", "residual", "normalize")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
