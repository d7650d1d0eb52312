"""Learner of the task digits."""

from __future__ import annotations

from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf

from nlpx.components.losses.base import Loss
from nlpx.core.build import build
from nlpx.data.codec import Vocabularies
from nlpx.data.items import Field
from nlpx.errors import DataError
from nlpx.layers.compiled import Compiled
from nlpx.layers.taps import tap
from nlpx.models.learner import Exportable, InferenceGraph, Learner, filled
from nlpx.tasks.digits.config import Digits

WHITE = 255.0


class DigitNetwork(keras.Model):
    """A network from grey images to one number per class.

    Args:
        network: layer (B, H, W, 1) -> (B, classes).
        lengths: whether its outputs are lengths of capsules; otherwise they are logits.
        shape: of the images that it is built for, without their number; None for any size.
    """

    def __init__(
        self, network: keras.layers.Layer, lengths: bool, shape: tuple[int | None, int | None, int]
    ) -> None:
        super().__init__(name="digits")
        self.network, self.lengths, self.shape = network, lengths, shape
        network.build((None, *shape))
        self.built = True

    def call(self, images: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Images (B, H, W, 1), 0 to 255, as floats the tap `image` -> (B, classes) float32."""
        images = tap("image", tf.cast(images, tf.float32))
        return tf.cast(self.network(images / WHITE, training=training), tf.float32)


class DigitLearner(Learner[DigitNetwork]):
    """A classifier with its objective. A batch holds `image` (B, S, S, 1) uint8 and `label` (B,) int32.

    Scores are probabilities that sum to 1 if the objective reads logits. Otherwise, every class has its own
    score: the length of its capsule, or the sigmoid of its logit.
    """

    def __init__(self, model: DigitNetwork, objective: Loss, classes: int) -> None:
        super().__init__(model, objective, {"classes": classes})
        self._softmax = any("logits" in member.reads for _, member in objective.members)
        self._scores = Compiled(self._scored)

    @property
    def parts(self) -> list[keras.layers.Layer]:
        """The layers of the network with weights, and those of the objective."""
        return [*(layer for layer in self.model.network.chain if layer.weights), *self.objective.layers]

    def values(self, batch: Mapping[str, tf.Tensor], training: bool) -> Mapping[str, tf.Tensor]:
        """`logits`, unless there are capsules, `capsule_length`, `target` and `mask` of a batch."""
        found, labels = self.model(batch["image"], training=training), batch["label"]
        values = {"target": labels, "mask": tf.ones_like(labels, tf.bool)}
        if self.model.lengths:
            return {**values, "capsule_length": found}
        return {**values, "logits": found, "capsule_length": tf.sigmoid(found)}

    def scores(self, images: np.ndarray, at_least: int = 0) -> np.ndarray:
        """Images (B, H, W, 1) uint8 -> the score of every class, from 0 to 1, (B, classes) float32.

        Computed with at least so many rows, because the size of a batch may change the last bits.
        """
        return self._scores(tf.constant(filled(images, at_least))).numpy()[: len(images)]

    def exportable(self, fields: Mapping[str, Field]) -> Exportable:
        """The graph `scores`."""
        inputs = {"image": tf.TensorSpec((None, *self.model.shape), tf.uint8)}
        return Exportable(
            {"scores": InferenceGraph(lambda batch: self._scored(batch["image"]), inputs, ("scores",))}
        )

    def _scored(self, images: tf.Tensor) -> tf.Tensor:
        found = self.model(images)
        if self.model.lengths:
            return found
        return tf.nn.softmax(found) if self._softmax else tf.sigmoid(found)


def digit_learner(experiment: Digits, vocabularies: Vocabularies) -> DigitLearner:
    """A classifier with fresh weights; raises DataError if the training split has only one class."""
    classes = len(vocabularies["label"]) - 1  # the unknown label is not a class
    if classes < 2:
        raise DataError("the training split has one class. Expected at least two.")
    section = experiment.model
    network, size = section.network, section.image_size if section.network.fixed_size else None
    built = build(network, outputs=(classes,), name="network")
    return DigitLearner(DigitNetwork(built, network.lengths, (size, size, 1)), experiment.loss, classes)
