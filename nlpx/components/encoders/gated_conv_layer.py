"""Layer of the gated convolution block in its two original forms."""

from __future__ import annotations

from typing import Literal

import keras
import tensorflow as tf
from keras import ops

from nlpx.layers.dropout import Dropout, Rate
from nlpx.layers.masking import SequenceLayer, apply_mask


@keras.saving.register_keras_serializable(package="nlpx")
class GatedConv1D(SequenceLayer):
    """y = x * sigmoid(g) + v * sigmoid(-g), or x + v * sigmoid(g), with the options of `GatedConv`.

    (B, T, D) floating, mask (B, T) bool -> (B, T, D); 0 outside the mask. In training the gate of both forms
    is multiplied by 1 + U(-gate_noise, gate_noise).

    Raises:
        ValueError: the width of the input is not `filters`.
    """

    def __init__(
        self,
        filters: int | None,
        kernel_size: int,
        dilation_rate: int,
        gate: Literal["highway", "residual_glu"],
        dropout: Rate,
        normalize: bool,
        gate_noise: float,
        use_bias: bool,
        **kwargs: object,
    ) -> None:
        super().__init__(**kwargs)
        self.filters = filters
        self.kernel_size = kernel_size
        self.dilation_rate = dilation_rate
        self.gate = gate
        self.gate_noise = gate_noise
        self.use_bias = use_bias
        policy = self.dtype_policy
        self.norm = keras.layers.LayerNormalization(dtype=policy, name="norm") if normalize else None
        self.drop = Dropout(dropout, dtype=policy, name="dropout")
        self.noise = keras.random.SeedGenerator() if gate_noise else None

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        width = input_shape[-1]
        if width is None or self.filters not in (None, width):
            raise ValueError(f"a gate adds the input, which is {width} wide, to {self.filters} filters")
        self.conv = keras.layers.Conv1D(
            2 * width,
            self.kernel_size,
            padding="same",
            dilation_rate=self.dilation_rate,
            use_bias=self.use_bias,
            dtype=self.dtype_policy,
            name="conv",
        )
        self.conv.build(input_shape)
        if self.norm is not None:
            self.norm.build(input_shape)
        self.built = True

    def call(self, x: tf.Tensor, mask: tf.Tensor | None = None, training: bool | None = None) -> tf.Tensor:
        seen = x if self.norm is None else self.norm(x)
        gate, value = ops.split(self.conv(apply_mask(seen, mask)), 2, axis=-1)
        value = self.drop(value, training=training)
        if self.gate == "highway":
            # x * s(g) + v * s(-g), written with one sigmoid.
            return apply_mask(x + (value - x) * self._open(-gate, training), mask)
        return apply_mask(x + value * self._open(gate, training), mask)

    def _open(self, gate: tf.Tensor, training: bool | None) -> tf.Tensor:
        share = ops.sigmoid(gate)
        if not training or self.noise is None:
            return share
        noise = keras.random.uniform(
            ops.shape(share), -self.gate_noise, self.gate_noise, dtype=share.dtype, seed=self.noise
        )
        return share * (1 + noise)
