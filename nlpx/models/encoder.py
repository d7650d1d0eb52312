"""The sentence encoder: one vector a sentence. Embedding -> encoder blocks -> poolings -> projection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from nlpx.components.losses.base import Loss as Objective
from nlpx.components.losses.base import Term
from nlpx.core.build import build, implementation
from nlpx.layers.class_vectors import ClassVectors, unit
from nlpx.models.blocks import build_blocks, build_embedding, ngram_features, run_blocks
from nlpx.specs.losses import LossSpec
from nlpx.specs.sections import SentenceSection


class Loss(Protocol):
    """What `nlpx.losses` holds: loss sum of a batch, and its divisor.

    Rows are the cosines of sentences with all classes, or vectors of sentences, (B, .) float32; labels the
    classes or groups, (B,) int32; real is False for rows that are missing for a whole batch.
    """

    def __call__(
        self, rows: tf.Tensor, labels: tf.Tensor, real: tf.Tensor, /
    ) -> tuple[tf.Tensor, tf.Tensor]: ...


class SentenceEncoder(keras.Model):
    """Vectors of length 1.

    Args:
        embedding: layer (ids (B, T), n-gram ids, mask) -> (B, T, D).
        encoder: blocks (B, T, D), mask -> (B, T, D').
        poolings: layers (B, T, D'), mask -> (B, D'); their results stand side by side.
        projection: width of the vector; None takes what the poolings give.
        dropout: share of the pooled vector that is dropped in training.
        ngrams: names of the n-gram features in a batch, in the order the embedding wants them.
        padded_to: None hides padding; a number lets blocks and poolings see it as vectors of 0, up to that
            length, whatever the length of the batch.
        classes: vectors of classes, for losses that want them.
    """

    def __init__(
        self,
        embedding: keras.layers.Layer,
        encoder: Sequence[keras.layers.Layer],
        poolings: Sequence[keras.layers.Layer],
        projection: int | None = None,
        dropout: float = 0.0,
        ngrams: Sequence[str] = (),
        padded_to: int | None = None,
        classes: ClassVectors | None = None,
    ) -> None:
        super().__init__(name="sentence_encoder")
        self.embedding = embedding
        self.encoder = list(encoder)
        self.poolings = list(poolings)
        self.drop = keras.layers.Dropout(dropout, name="dropout")
        self.projection = (
            None if projection is None else keras.layers.Dense(projection, use_bias=False, name="projection")
        )
        self.ngrams = tuple(ngrams)
        self.padded_to = padded_to
        self.classes = classes
        self.width = 0  # of a vector; known when it is built

    def build(self, input_shape: object = None) -> None:
        """Parts are built when they are first called, class vectors by those who use them."""
        self.built = True

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


class SentenceProblem:
    """A sentence encoder with the loss that trains it, and its prediction graph."""

    def __init__(self, model: SentenceEncoder, loss: LossSpec) -> None:
        self.model = model
        self._loss: Loss = implementation(type(loss))(**loss.options())
        self._vectors = tf.function(lambda batch: model(batch, training=False), reduce_retracing=True)

    def loss(self, batch: Mapping[str, tf.Tensor], training: bool) -> tuple[tf.Tensor, tf.Tensor]:
        """Sum of the loss over a batch with `group.id` (B, 1) int32, and what it is to be divided by."""
        rows = self.model(batch, training=training)
        if self.model.classes is not None:
            rows = self.model.classes(rows)
        return self._loss(rows, batch["group.id"][:, 0], batch["group.mask"][:, 0])

    @property
    def objectives(self) -> Sequence[Objective]:
        """Those whose variables are trained and saved with the model."""
        return ()

    def losses(self, batch: Mapping[str, tf.Tensor], step: tf.Tensor, training: bool) -> Mapping[str, Term]:
        """The terms of the objective over a batch; `step` is the number of updates made so far."""
        return {"loss": Term(*self.loss(batch, training))}

    def vectors(self, batch: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Vectors of a batch (B, D) float32, and zeros (B,)."""
        vectors = self._vectors({name: tf.constant(values) for name, values in batch.items()})
        return vectors.numpy(), np.zeros(len(batch["mask"]), np.float32)


def build_encoder(
    spec: SentenceSection,
    *,
    characters: int,
    ngram_sizes: Mapping[str, int],
    classes: int | None,
    longest: int,
    constrained: bool = False,
) -> SentenceEncoder:
    """A sentence encoder from its specs, with every weight created.

    Args:
        spec: the section `model`.
        characters: size of the character vocabulary.
        ngram_sizes: n-gram vocabulary sizes by feature group, one for each entry of `embedding.ngrams`.
        classes: how many classes the loss wants vectors of; None for none.
        longest: characters of the longest sentence.
        constrained: bring class vectors to length 1 after updates, not when they are used.
    """
    embedding = build_embedding(spec.embedding, characters, ngram_sizes)
    blocks = build_blocks("encoder", spec.encoder)
    features = ngram_features(spec.embedding)
    model = SentenceEncoder(
        embedding,
        blocks,
        [build(pooling, name=f"pooling_{pooling.type}") for pooling in spec.pooling],
        projection=spec.projection,
        dropout=spec.dropout,
        ngrams=features,
        padded_to=None if spec.mask else longest,
        classes=None if classes is None else ClassVectors(classes, constrained, name="classes"),
    )
    empty = {name: tf.zeros((1, 2), tf.int32) for name in ("char", *features)}
    vectors = model({**empty, "mask": tf.ones((1, 2), tf.bool)})
    model.width = vectors.shape[-1]
    if model.classes is not None:
        model.classes(vectors)
    return model
