"""Gated convolution in its two original forms."""

from __future__ import annotations

from typing import Literal, get_args

import keras
import tensorflow as tf
from keras import ops

from nlpx.layers.masking import apply_mask

Gate = Literal["highway", "residual_glu"]


@keras.saving.register_keras_serializable(package="nlpx")
class GatedConv1D(keras.layers.Layer):
    """A convolution proposes v, a gate decides how much of it enters.

        [g, v] = conv(x)
        highway:       y = x * sigmoid(g) + v * sigmoid(-g)
        residual_glu:  y = x + v * sigmoid(g)

    (B, T, D) floating, mask (B, T) bool -> (B, T, D); 0 outside the mask.

    Args:
        filters: D; None takes the width of the input. Both gates add the input, so it must be that width.
        kernel_size: positions seen.
        dilation_rate: distance between them.
        gate: `highway` or `residual_glu`.
        dropout: share of v dropped in training.
        normalize: layer normalization before the convolution.
        gate_noise: e; in training the gate is multiplied by 1 + U(-e, e).
        use_bias: add a bias to the convolution.

    Raises:
        ValueError: an unknown gate, or an input that is not `filters` wide.

    Source: kexue.fm archives 6270 (highway) and 5409 (noise); Dauphin et al. 2017, arXiv 1612.08083.
    """

    def __init__(
        self,
        filters: int | None = None,
        kernel_size: int = 3,
        dilation_rate: int = 1,
        gate: Gate = "highway",
        dropout: float = 0.0,
        normalize: bool = False,
        gate_noise: float = 0.0,
        use_bias: bool = True,
        **kwargs: object,
    ) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        if gate not in get_args(Gate):
            raise ValueError(f"gate is {gate!r}; expected one of {', '.join(get_args(Gate))}")
        self.filters = filters
        self.kernel_size = kernel_size
        self.dilation_rate = dilation_rate
        self.gate = gate
        self.dropout = dropout
        self.normalize = normalize
        self.gate_noise = gate_noise
        self.use_bias = use_bias
        self.norm = (
            keras.layers.LayerNormalization(dtype=self.dtype_policy, name="norm") if normalize else None
        )
        self.drop = keras.layers.Dropout(dropout, dtype=self.dtype_policy, name="dropout")
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

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, object]:
        names = ("filters", "kernel_size", "dilation_rate", "gate", "dropout", "normalize", "gate_noise")
        return {**super().get_config(), **{name: getattr(self, name) for name in (*names, "use_bias")}}
