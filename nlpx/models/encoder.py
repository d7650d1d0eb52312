"""The sentence encoder: embedding -> encoder blocks -> poolings -> projection."""

from __future__ import annotations

from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from nlpx.components.losses.base import Loss
from nlpx.core.build import build
from nlpx.data.items import Field
from nlpx.layers.compiled import Compiled
from nlpx.layers.dropout import Dropout
from nlpx.layers.unit import unit
from nlpx.models.blocks import build_blocks, build_embedding, ngram_features, run_blocks
from nlpx.models.built_by_call import BuiltByCall
from nlpx.models.learner import Exportable, InferenceGraph, Learner, batch_inputs, tensors
from nlpx.specs.sentence import SentenceSection


class SentenceEncoder(BuiltByCall):
    """Vectors of length 1, with all weights created.

    Args:
        spec: the section `model`; without `mask`, blocks and poolings see the padding as zero vectors, up to
            the length `longest`, whatever the length of the batch.
        ngram_sizes: n-gram vocabulary sizes by feature group, one for each entry of `embedding.ngrams`.
        longest: maximum length of a sentence in characters.

    Attributes:
        width: width of a vector.
    """

    def __init__(
        self, spec: SentenceSection, *, characters: int, ngram_sizes: Mapping[str, int], longest: int
    ) -> None:
        super().__init__(name="sentence_encoder")
        self.ngrams = ngram_features(spec.embedding)
        self.padded_to = None if spec.mask else longest
        self.embedding = build_embedding(spec.embedding, characters, ngram_sizes)
        self.encoder = build_blocks("encoder", spec.encoder)
        self.poolings = [build(pooling, name=f"pooling_{pooling.type}") for pooling in spec.pooling]
        self.drop = Dropout(spec.dropout, name="dropout")
        self.projection = (
            None
            if spec.projection is None
            else keras.layers.Dense(spec.projection, use_bias=False, name="projection")
        )
        empty = {name: tf.zeros((1, 2), tf.int32) for name in ("char", *self.ngrams)}
        self.width: int = self({**empty, "mask": tf.ones((1, 2), tf.bool)}).shape[-1]

    def call(self, batch: Mapping[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """`char` (B, T) int32, `mask` (B, T) bool and the n-gram features -> (B, D) float32."""
        mask = batch["mask"]
        ngrams = [batch[name] for name in self.ngrams]
        x = self.embedding(batch["char"], ngrams, mask=mask, training=training)
        if self.padded_to is not None:
            x = x[:, : self.padded_to]  # a length bucket may end later
            x = ops.pad(x, [[0, 0], [0, self.padded_to - ops.shape(x)[1]], [0, 0]])
            mask = None
        x = run_blocks(self.encoder, x, mask, training)
        pooled = [pooling(x, mask=mask) for pooling in self.poolings]
        x = pooled[0] if len(pooled) == 1 else ops.concatenate(pooled, -1)
        x = self.drop(x, training=training)
        if self.projection is not None:
            x = self.projection(x)
        return unit(ops.cast(x, "float32"))


class SentenceLearner(Learner[SentenceEncoder]):
    """A sentence encoder with its objective, over `classes` groups, and its prediction graph."""

    def __init__(self, model: SentenceEncoder, objective: Loss, classes: int = 0) -> None:
        super().__init__(model, objective, {"classes": classes, "width": model.width})
        self._vectors = Compiled(lambda batch: model(batch, training=False))

    def values(self, batch: Mapping[str, tf.Tensor], training: bool) -> Mapping[str, tf.Tensor]:
        """`vector`, `group`, and `mask` of a batch with `group` (B,) int32."""
        vectors = self.model(batch, training=training)
        return {"vector": vectors, "group": batch["group"], "mask": batch["mask"][:, 0]}

    @property
    def width(self) -> int:
        """Width of a vector."""
        return self.model.width

    def exportable(self, fields: Mapping[str, Field]) -> Exportable:
        """The graph `vectors`, and as a constant their `width`."""
        inputs = batch_inputs(fields, ["char", *self.model.ngrams])
        graph = InferenceGraph(lambda batch: self.model(batch, training=False), inputs, ("vectors",))
        return Exportable({"vectors": graph}, {"width": np.array(self.width)})

    def vectors(self, batch: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Vectors of a batch (B, D) float32, and zeros (B,)."""
        vectors = self._vectors(tensors(batch))
        return vectors.numpy(), np.zeros(len(batch["mask"]), np.float32)


class SentencePairLearner(SentenceLearner):
    """A sentence encoder with an objective over cosines and scores of pairs."""

    def values(self, batch: Mapping[str, tf.Tensor], training: bool) -> Mapping[str, tf.Tensor]:
        """`cosine`, `score` and `mask`, for features of longer sentences, and of others as `second.NAME`."""
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
