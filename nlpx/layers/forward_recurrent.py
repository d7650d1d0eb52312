"""Recurrent layer that reads forwards."""

from __future__ import annotations

from typing import Literal

import keras
import tensorflow as tf

from nlpx.layers.masking import apply_mask
from nlpx.layers.recurrent import CELLS


@keras.saving.register_keras_serializable(package="nlpx")
class ForwardRNN(keras.layers.Layer):
    """A recurrent layer over right-padded rows, which never meets padding before the end of a row.

    (B, T, D) floating, mask (B, T) bool -> (B, T, units); 0 outside the mask.

    Args:
        units: width of the state.
        cell: `gru` or `lstm`.
        dropout: share of the output dropped in training.

    Raises:
        ValueError: an unknown cell.

    Source: Cho et al. 2014; kexue.fm archive 5743.
    """

    def __init__(
        self, units: int = 128, cell: Literal["gru", "lstm"] = "gru", dropout: float = 0.0, **kwargs: object
    ) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        if cell not in CELLS:
            raise ValueError(f"cell {cell!r}; expected gru or lstm")
        self.units = units
        self.cell = cell
        self.dropout = dropout
        self.forward = CELLS[cell](units, return_sequences=True, dtype=self.dtype_policy, name="forward")
        self.drop = keras.layers.Dropout(dropout, dtype=self.dtype_policy, name="dropout")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.forward.build(input_shape)
        self.built = True

    def call(self, x: tf.Tensor, mask: tf.Tensor | None = None, training: bool | None = None) -> tf.Tensor:
        return apply_mask(self.drop(self.forward(apply_mask(x, mask)), training=training), mask)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, object]:
        names = ("units", "cell", "dropout")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
