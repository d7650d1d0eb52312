"""Bidirectional recurrent layer that treats a padded row as it treats the row alone."""

from __future__ import annotations

from typing import Literal

import keras
import tensorflow as tf
from keras import ops

from nlpx.layers.masking import apply_mask

CELLS = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU}


@keras.saving.register_keras_serializable(package="nlpx")
class BidirectionalRNN(keras.layers.Layer):
    """A recurrent layer forwards, and one backwards from the last real position.

    Rows are right-padded, so the forward direction never meets padding before the end. The backward direction
    reads each row reversed within its own length, which is the same as reading it alone.

    (B, T, D) floating, mask (B, T) bool -> (B, T, 2 * units) or (B, T, units); 0 outside the mask.

    Args:
        units: width of a direction.
        cell: `lstm` or `gru`.
        merge: `concat` or `sum` of the directions.
        dropout: share of the output dropped in training.

    Raises:
        ValueError: an unknown cell or merge.

    Source: Schuster and Paliwal 1997; kexue.fm archive 3924.
    """

    def __init__(
        self,
        units: int = 64,
        cell: Literal["lstm", "gru"] = "lstm",
        merge: Literal["concat", "sum"] = "concat",
        dropout: float = 0.0,
        **kwargs: object,
    ) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True
        if cell not in CELLS or merge not in ("concat", "sum"):
            raise ValueError(f"cell {cell!r}, merge {merge!r}; expected lstm or gru, concat or sum")
        self.units = units
        self.cell = cell
        self.merge = merge
        self.dropout = dropout
        self.forward, self.backward = (
            CELLS[cell](units, return_sequences=True, dtype=self.dtype_policy, name=name)
            for name in ("forward", "backward")
        )
        self.drop = keras.layers.Dropout(dropout, dtype=self.dtype_policy, name="dropout")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.forward.build(input_shape)
        self.backward.build(input_shape)
        self.built = True

    def call(self, x: tf.Tensor, mask: tf.Tensor | None = None, training: bool | None = None) -> tf.Tensor:
        x = apply_mask(x, mask)
        ahead = self.forward(x)
        back = _reversed(self.backward(_reversed(x, mask)), mask)
        y = ahead + back if self.merge == "sum" else ops.concatenate([ahead, back], -1)
        return apply_mask(self.drop(y, training=training), mask)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (*input_shape[:-1], self.units if self.merge == "sum" else 2 * self.units)

    def get_config(self) -> dict[str, object]:
        names = ("units", "cell", "merge", "dropout")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


def _reversed(x: tf.Tensor, mask: tf.Tensor | None) -> tf.Tensor:
    """x with every row reversed within its length; its padding stays in place."""
    if mask is None:
        return ops.flip(x, 1)
    return tf.reverse_sequence(x, ops.sum(ops.cast(mask, "int32"), 1), seq_axis=1)
