"""Recurrent layers by the name of their cell."""

from __future__ import annotations

from typing import Literal

import keras

Cell = Literal["lstm", "gru"]


def recurrent(cell: Cell, units: int, dtype: object, name: str) -> keras.layers.Layer:
    """A layer of Keras, (B, T, D) -> (B, T, units)."""
    kind = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU}[cell]
    return kind(units, return_sequences=True, dtype=dtype, name=name)
