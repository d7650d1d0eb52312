"""Base class of losses with class centres."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import PrivateAttr

from nlpx.components.losses.base import Loss
from nlpx.core.lazy import keras, tf


class CentreLoss(Loss):
    """Base class of losses with a centre C_k for every class k, trained by the optimizer of the model."""

    _centres: Any = PrivateAttr(None)

    def build(self, sizes: Mapping[str, int]) -> None:
        options = {"embeddings_initializer": "glorot_normal", "dtype": "float32", "name": "centres"}
        self._centres = keras.layers.Embedding(sizes["classes"], sizes["width"], **options)
        self._centres.build()

    @property
    def layers(self) -> list[keras.layers.Layer]:
        return [] if self._centres is None else [self._centres]

    def distances(self, features: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        """|f - C_y|^2, summed over elements, (B,), for features (B, D) float32 and labels (B,) int32."""
        return tf.reduce_sum(tf.square(features - self._centres(labels)), -1)
