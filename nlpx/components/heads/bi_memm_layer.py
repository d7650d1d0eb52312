"""The layer of a bidirectional maximum entropy Markov model."""

from __future__ import annotations

import keras
import tensorflow as tf

from nlpx.components.heads.memm_layer import MEMMHead, backward_normalizers, forward_normalizers


@keras.saving.register_keras_serializable(package="nlpx")
class BiMEMMHead(MEMMHead):
    """Scores of the mean of the log-probabilities of both directions; otherwise that of one direction."""

    def normalizers(self, h: tf.Tensor, g: tf.Tensor, real: tf.Tensor) -> tf.Tensor:
        return (forward_normalizers(h, g, real) + backward_normalizers(h, g, real)) / 2
