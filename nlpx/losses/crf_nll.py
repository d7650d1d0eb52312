"""Negative log-likelihood of a CRF."""

from __future__ import annotations

from typing import Literal

import keras
import tensorflow as tf
from keras import ops


class CRFNegativeLogLikelihood:
    """Sum over rows of log Z(x) - f(tags).

    Args:
        per: what the sum is divided by, characters or sentences that are not empty.

    Source: Lafferty, McCallum and Pereira 2001; kexue.fm archive 5542 divides by sentences.
    """

    def __init__(self, per: Literal["character", "sentence"] = "character") -> None:
        self.per = per

    def __call__(
        self, head: keras.layers.Layer, emissions: tf.Tensor, tags: tf.Tensor, mask: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Sum of the loss and its divisor, float32 scalars; 0 and 0 for a batch of empty rows.

        Args:
            head: the CRF head that gave the emissions.
            emissions: (B, T, K) float32.
            tags: (B, T) int32.
            mask: (B, T) bool, right-padded.
        """
        counted = mask if self.per == "character" else mask[:, 0]
        return ops.sum(head.nll(emissions, tags, mask)), ops.sum(ops.cast(counted, "float32"))
