"""Learner of the task ocr."""

from __future__ import annotations

from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf

from nlpx.components.losses.base import Loss
from nlpx.core.build import build
from nlpx.data.codec import Vocabularies
from nlpx.data.glyphs import SIZE
from nlpx.data.items import Field
from nlpx.errors import DataError
from nlpx.layers.compiled import Compiled
from nlpx.layers.taps import tap
from nlpx.models.learner import Exportable, InferenceGraph, Learner, filled, row_inputs
from nlpx.tasks.ocr.codec import BRIGHT, CHARACTER, IMAGE, LABEL
from nlpx.tasks.ocr.config import Ocr


class GlyphClassifier(keras.Model):
    """Images (B, 48, 48, 1), ink 255 -> logits (B, U) float32.

    Args:
        network: layer (B, 48, 48, 1) -> (B, U).
        classes: U.
    """

    def __init__(self, network: keras.layers.Layer, classes: int) -> None:
        super().__init__(name="ocr")
        self.network, self.classes = network, classes
        network.build((None, SIZE, SIZE, 1))
        self.built = True

    def call(self, images: tf.Tensor, training: bool = False) -> tf.Tensor:
        x = tap("image", tf.cast(images, tf.float32)) / BRIGHT
        return tf.cast(self.network(x, training=training), tf.float32)


class OcrLearner(Learner[GlyphClassifier]):
    """A classifier with its objective. A batch has `image` (B, 48, 48, 1) uint8 and `label` (B,) int32."""

    def __init__(self, model: GlyphClassifier, objective: Loss) -> None:
        super().__init__(model, objective, {"classes": model.classes})
        self._scores = Compiled(self._scored)

    def values(self, batch: Mapping[str, tf.Tensor], training: bool) -> Mapping[str, tf.Tensor]:
        """`logits`, `target`, `class_rank` and `mask` of a batch."""
        labels = batch[LABEL]
        return {
            "logits": self.model(batch[IMAGE], training=training),
            "target": labels,
            "class_rank": tf.range(self.model.classes),
            "mask": tf.ones_like(labels, tf.bool),
        }

    def scores(self, images: np.ndarray, at_least: int = 0) -> np.ndarray:
        """Images (B, 48, 48, 1) uint8 -> probabilities of all classes, (B, U) float32.

        Computed with at least so many rows: batches of one shape are compiled once.
        """
        return self._scores(tf.constant(filled(images, at_least))).numpy()[: len(images)]

    def exportable(self, fields: Mapping[str, Field]) -> Exportable:
        """The graph `scores`."""
        inputs = row_inputs(fields, IMAGE)
        return Exportable(
            {"scores": InferenceGraph(lambda batch: self._scored(batch[IMAGE]), inputs, ("scores",))}
        )

    def _scored(self, images: tf.Tensor) -> tf.Tensor:
        return tf.nn.softmax(self.model(images, training=False))


def ocr_learner(experiment: Ocr, vocabularies: Vocabularies) -> OcrLearner:
    """A classifier with fresh weights.

    Raises:
        DataError: the training split has only one class.
    """
    classes = len(vocabularies[CHARACTER]) - 1  # the unknown character is not a class
    if classes < 2:
        raise DataError("the training split has one class. Expected images of at least two characters.")
    network = build(experiment.model.network, outputs=(classes,), name="network")
    return OcrLearner(GlyphClassifier(network, classes), experiment.loss)
