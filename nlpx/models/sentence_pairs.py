"""Learner of scored pairs with a sentence encoder."""

from __future__ import annotations

from collections.abc import Mapping

import tensorflow as tf
from keras import ops

from nlpx.models.encoder import SentenceLearner


class SentencePairLearner(SentenceLearner):
    """A sentence encoder with an objective over cosines and scores of pairs."""

    def values(self, batch: Mapping[str, tf.Tensor], training: bool) -> Mapping[str, tf.Tensor]:
        """`cosine`, `score`, and `mask` of a batch.

        Args:
            batch: features of the longer sentences, as for a sentence encoder; those of the others, called
                `second.NAME`; `score` (B,) float32.
        """
        # Second sentences are padded to the maximum length, though none is longer than the first one.
        length = ops.shape(batch["mask"])[1]
        second = {
            name.removeprefix("second."): values[:, :length]
            for name, values in batch.items()
            if name.startswith("second.")
        }
        vectors = self.model(batch, training=training), self.model(second, training=training)
        return {
            "cosine": ops.sum(vectors[0] * vectors[1], -1),
            "score": batch["score"],
            "mask": batch["mask"][:, 0],
        }
