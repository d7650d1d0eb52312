"""What the layers of poolings share."""

from __future__ import annotations

import keras


class PoolingLayer(keras.layers.Layer):
    """(B, T, D) floating, mask (B, T) bool -> (B, D): there are no positions behind it, and no mask."""

    def compute_mask(self, inputs: object, previous_mask: object) -> None:
        return None
