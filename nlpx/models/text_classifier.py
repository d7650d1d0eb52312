"""Classifier of texts: embedding -> encoder blocks -> poolings -> hidden layer -> logits."""

from __future__ import annotations

from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from nlpx.components.losses.base import Loss
from nlpx.core.build import build
from nlpx.data.items import Field
from nlpx.exported.graph import ASKED
from nlpx.layers.compiled import Compiled
from nlpx.layers.dropout import Dropout
from nlpx.layers.taps import recording, tap
from nlpx.models.blocks import build_blocks, build_embedding, ngram_features, run_blocks
from nlpx.models.built_by_call import BuiltByCall
from nlpx.models.learner import Exportable, InferenceGraph, Learner, batch_inputs, tensors
from nlpx.specs.text_classifier import TextClassifierSection

WEIGHTS = "/weights"
"""The end of the names of weights of attention."""


class TextClassifier(BuiltByCall):
    """Logits of the classes of texts, with all weights created.

    With two classes there is one output x, and the logits are (0, x).

    Args:
        spec: the section `model`.
        characters: size of the character vocabulary.
        ngram_sizes: n-gram vocabulary sizes by feature group, one for each entry of `embedding.ngrams`.
        classes: U, at least 2.
    """

    def __init__(
        self, spec: TextClassifierSection, *, characters: int, ngram_sizes: Mapping[str, int], classes: int
    ) -> None:
        super().__init__(name="text_classifier")
        self.classes = classes
        self.ngrams = ngram_features(spec.embedding)
        self.embedding = build_embedding(spec.embedding, characters, ngram_sizes)
        self.encoder = build_blocks("encoder", spec.encoder)
        self.poolings = [build(pooling, name=f"pooling_{pooling.type}") for pooling in spec.pooling]
        self.hidden = None if spec.hidden is None else keras.layers.Dense(spec.hidden, name="hidden")
        self.drop = Dropout(spec.dropout, name="dropout")
        self.head = keras.layers.Dense(1 if classes == 2 else classes, dtype="float32", name="head")
        empty = {name: tf.zeros((1, 2), tf.int32) for name in ("char", *self.ngrams)}
        self({**empty, "mask": tf.ones((1, 2), tf.bool)})
        self.width: int = self.head.kernel.shape[0]
        with recording() as taps:
            self.features({**empty, "mask": tf.ones((1, 2), tf.bool)})
        weights = [name for name in taps if name.endswith(WEIGHTS)]
        self.attention: str | None = weights[-1] if weights else None
        """The name of the last weights of attention: of a pooling, or else of an encoder block."""

    def call(self, batch: Mapping[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """`char` (B, T) int32, `mask` (B, T) bool and the n-gram features -> logits (B, U) float32."""
        return self.logits(self.features(batch, training))

    def features(self, batch: Mapping[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """The vectors of texts that are the input of the head, (B, D), the tap `feature`."""
        mask = batch["mask"]
        x = self.embedding(batch["char"], [batch[n] for n in self.ngrams], mask=mask, training=training)
        x = run_blocks(self.encoder, x, mask, training)
        x = ops.concatenate([pooling(x, mask=mask) for pooling in self.poolings], -1)
        if self.hidden is None:
            return tap("feature", self.drop(x, training=training))
        return tap("feature", ops.relu(self.drop(self.hidden(x), training=training)))

    def attended(self, batch: Mapping[str, tf.Tensor]) -> tuple[tf.Tensor, tf.Tensor]:
        """The logits, and how much of the attention each position gets, (B, T) float32.

        Of an encoder block, this is the mean over heads and over the positions that attend.
        """
        with recording() as taps:
            logits = self(batch)
        weights, mask = taps[str(self.attention)], ops.cast(batch["mask"], "float32")
        if len(weights.shape) == 3:
            return logits, weights[..., 0]
        total = ops.maximum(ops.sum(mask, 1, keepdims=True), 1)
        return logits, ops.sum(ops.mean(weights, 1) * ops.expand_dims(mask, 2), 1) / total

    def logits(self, features: tf.Tensor) -> tf.Tensor:
        """Of the classes, (B, U) float32, for what `features` gives."""
        x = self.head(features)
        return ops.concatenate([ops.zeros_like(x), x], -1) if self.classes == 2 else x


class TextClassifierLearner(Learner[TextClassifier]):
    """A classifier of texts with its objective, and its prediction graph."""

    def __init__(self, model: TextClassifier, objective: Loss) -> None:
        super().__init__(model, objective, {"classes": model.classes, "width": model.width})
        self._probabilities = Compiled(lambda batch: ops.softmax(model(batch, training=False)))

    def values(self, batch: Mapping[str, tf.Tensor], training: bool) -> Mapping[str, tf.Tensor]:
        """`logits`, `feature`, `target`, `mask` of a batch with `label` (B,); of two classes also `logit`."""
        features = self.model.features(batch, training)
        logits, mask = self.model.logits(features), batch["mask"][:, 0]
        values = {"logits": logits, "feature": features, "target": batch["label"], "mask": mask}
        return {**values, "logit": logits[:, 1]} if self.model.classes == 2 else values

    def probabilities(self, batch: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """The probability of every class (B, U) float32, and zeros (B,)."""
        return self._probabilities(tensors(batch)).numpy(), np.zeros(len(batch["mask"]), np.float32)

    @property
    def attends(self) -> bool:
        """Whether the model has attention."""
        return self.model.attention is not None

    def attention(self, batch: Mapping[str, np.ndarray]) -> np.ndarray:
        """How much of the attention each position gets, (B, T), for a model that attends."""
        found: np.ndarray = self.model.attended(tensors(batch))[1].numpy()
        return found

    def exportable(self, fields: Mapping[str, Field]) -> Exportable:
        """The graph `probabilities`, with the output `attention` if the model has some."""
        inputs = batch_inputs(fields, ["char", *self.model.ngrams])

        def attended(batch: Mapping[str, tf.Tensor]) -> tuple[tf.Tensor, tf.Tensor]:
            logits, weights = self.model.attended(batch)
            return ops.softmax(logits), weights

        if self.attends:
            graph = InferenceGraph(attended, inputs, ("probabilities", ASKED))
            return Exportable({"probabilities": graph}, {ASKED: np.array(True)})
        graph = InferenceGraph(
            lambda batch: ops.softmax(self.model(batch, training=False)), inputs, ("probabilities",)
        )
        return Exportable({"probabilities": graph})
