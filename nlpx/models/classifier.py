"""The image classifier: backbone -> pooling -> two heads."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import ClassVar

import keras
import numpy as np
import tensorflow as tf

from nlpx.components.losses.base import Loss
from nlpx.core.build import build
from nlpx.data.items import Field
from nlpx.layers.compiled import Compiled
from nlpx.layers.dropout import Dropout
from nlpx.layers.gated_feature import GatedFeature
from nlpx.layers.taps import tap
from nlpx.models.learner import Exportable, InferenceGraph, Learner, filled, row_inputs
from nlpx.specs.classifier import ClassifierSection


class Classifier(keras.Model):
    """f0 = pool(backbone(x)), f = gated(f0), logits M f and A f0, with all weights created."""

    def __init__(self, spec: ClassifierSection, classes: int) -> None:
        super().__init__(name="classifier")
        named = "name" in type(spec.backbone).model_fields
        pools = {"mean": keras.layers.GlobalAveragePooling2D, "max": keras.layers.GlobalMaxPooling2D}
        self.backbone = build(spec.backbone, **({} if named else {"name": "backbone"}))
        self.pool = pools[spec.pooling](name="pool")
        self.normalization = (
            keras.layers.BatchNormalization(momentum=0.95, name="pooled_norm") if spec.normalize else None
        )
        self.dropout = Dropout(spec.dropout)
        self.gated = GatedFeature(spec.features, name="gated")
        self.main_head = keras.layers.Dense(classes, dtype="float32", name="main_head")
        self.aux_head = keras.layers.Dense(classes, dtype="float32", name="aux_head")
        self.classes, self.features = classes, spec.features
        width = self.pool(self.backbone(tf.zeros((1, spec.image_size, spec.image_size, 3)))).shape[-1]
        for layer, inputs in (
            (self.gated, width),
            (self.main_head, spec.features),
            (self.aux_head, width),
        ):
            layer.build((None, inputs))
        if self.normalization is not None:
            self.normalization.build((None, width))
        self.width, self.built = width, True
        self.backbone.trainable = spec.backbone.trainable

    def pooled(self, images: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Images (B, S, S, 3), 0 to 255, as floats the tap `image` -> f0 (B, D)."""
        return self.pool(self.backbone(tap("image", tf.cast(images, tf.float32)), training=training))

    def heads(self, pooled: tf.Tensor, training: bool = False) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """f0 (B, D) -> logits (B, U) float32 of both heads, and f, the tap `feature`."""
        if self.normalization is not None:
            pooled = self.normalization(pooled, training=training)
        pooled = self.dropout(pooled, training=training)
        feature = tap("feature", self.gated(pooled))
        return self.main_head(feature), self.aux_head(pooled), feature

    def call(self, images: tf.Tensor, training: bool = False) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Images (B, S, S, 3) -> logits (B, U) of both heads, and f."""
        return self.heads(self.pooled(images, training), training)


class ClassifierLearner(Learner[Classifier]):
    """A classifier with its objective, and its prediction graphs.

    A batch contains `label` (B,) int32 and either `image` (B, S, S, 3) or, with a frozen backbone, the result
    of `pooled` as `feature` (B, D).
    """

    unit: ClassVar[str] = "images"

    def __init__(self, model: Classifier, objective: Loss) -> None:
        super().__init__(model, objective, {"classes": model.classes, "width": model.features})
        self._pooled = Compiled(self._traced_pooled)
        self._heads = Compiled(self._traced_heads)

    def values(self, batch: Mapping[str, tf.Tensor], training: bool) -> Mapping[str, tf.Tensor]:
        """`logits` and `auxiliary_logits` of both heads, `feature`, `target`, and `mask` of a batch."""
        pooled = batch["feature"] if "feature" in batch else self.model.pooled(batch["image"], training)
        main, aux, feature = self.model.heads(pooled, training)
        labels = batch["label"]
        return {
            "logits": main,
            "auxiliary_logits": aux,
            "feature": feature,
            "target": labels,
            "mask": tf.ones_like(labels, tf.bool),
        }

    @property
    def parts(self) -> list[keras.layers.Layer]:
        """All parts with weights in order: the blocks of the backbone, the layers after it, the objective."""
        model = self.model
        norm = [] if model.normalization is None else [model.normalization]
        heads = [model.main_head, model.aux_head, *self.objective.layers]
        return [*model.backbone.blocks, *norm, model.gated, *heads]

    def keeps_backbone(self, trainable_from: str | None, frozen: Sequence[str]) -> bool:
        """Whether a stage with these options freezes the whole backbone."""
        names = [part.name for part in self.parts]
        first = next((i for i, name in enumerate(names) if trainable_from and trainable_from in name), 0)
        return not any(
            block.weights and block.trainable and not any(name in block.name for name in frozen)
            for block in self.model.backbone.blocks[first:]
        )

    def backbone_hash(self) -> str:
        """Hash of the weights of the backbone."""
        digest = hashlib.sha256()
        for weight in self.model.backbone.get_weights():
            digest.update(np.ascontiguousarray(weight).data)
        return digest.hexdigest()

    def pooled(self, images: np.ndarray, at_least: int = 0) -> np.ndarray:
        """Images (B, S, S, 3) uint8 -> f0 (B, D) float32, computed with at least so many rows."""
        return self._pooled(tf.constant(filled(images, at_least))).numpy()[: len(images)]

    def log_probabilities(self, pooled: np.ndarray, at_least: int = 0) -> tuple[np.ndarray, np.ndarray]:
        """f0 (B, D) -> log p of all classes by both heads, (B, U) float32 each; see `pooled`."""
        main, aux = self._heads(tf.constant(filled(pooled, at_least)))
        return main.numpy()[: len(pooled)], aux.numpy()[: len(pooled)]

    def exportable(self, fields: Mapping[str, Field]) -> Exportable:
        """The graphs `pooled` of images, and `heads` of what it gives."""
        inputs = row_inputs(fields, "image")
        feature = {"feature": tf.TensorSpec((None, self.model.width), tf.float32)}
        return Exportable(
            {
                "pooled": InferenceGraph(
                    lambda batch: self._traced_pooled(batch["image"]), inputs, ("pooled",)
                ),
                "heads": InferenceGraph(
                    lambda batch: self._traced_heads(batch["feature"]), feature, ("main", "auxiliary")
                ),
            }
        )

    def _traced_pooled(self, images: tf.Tensor) -> tf.Tensor:
        return tf.cast(self.model.pooled(images, False), tf.float32)

    def _traced_heads(self, pooled: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        main, aux, _ = self.model.heads(pooled)
        return tf.nn.log_softmax(main), tf.nn.log_softmax(aux)
