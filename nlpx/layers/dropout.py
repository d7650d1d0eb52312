"""Dropout with a rate that may change in training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import keras
import tensorflow as tf
from keras import ops

Rate: TypeAlias = float | Callable[[], float | tf.Tensor]
"""A number, 0 <= rate < 1; or a function that gives one, or a scalar tensor, at the time of a call."""


@keras.saving.register_keras_serializable(package="nlpx")
class Dropout(keras.layers.Dropout):
    """y = x * kept / (1 - rate) in training, with kept = 0 with probability rate; y = x otherwise.

    The layer of Keras, and its function, compare the rate with 0, which a tensor cannot be in a graph.

    Args:
        rate: probability of dropping an element.

    Source: Srivastava et al. 2014, Dropout: a simple way to prevent neural networks from overfitting.
    """

    def __init__(self, rate: Rate, **kwargs: Any) -> None:
        self.varying = rate if callable(rate) else None
        # Any rate but 0 makes Keras create the generator of random numbers.
        super().__init__(0.5 if callable(rate) else rate, **kwargs)

    def call(self, inputs: tf.Tensor, training: bool | None = None) -> tf.Tensor:
        if self.varying is None or not training:
            return super().call(inputs, training=training)
        rate = ops.cast(self.varying(), "float32")
        kept = keras.random.uniform(ops.shape(inputs), dtype="float32", seed=self.seed_generator) >= rate
        return ops.where(kept, inputs / ops.cast(1 - rate, inputs.dtype), ops.zeros_like(inputs))
