"""A toy that is trained in stages: a functional backbone with batch normalization, dropout, a head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from nlpx.components.losses.base import Loss, Term
from nlpx.engine.job import Job
from nlpx.engine.learner import Batch, Evaluation
from tests.engine.toy import CHARACTERS, ToyBatches, job_of, make_batch, toy_experiment

UPDATES = 5
"""Updates of an epoch."""


class StagedBatches(ToyBatches):
    """Batches of one length, as every stage compiles each length anew; those of epoch `first` come first."""

    def __init__(self, accumulation: int = 1, first: int = 0) -> None:
        super().__init__(UPDATES, accumulation)
        self._first = first

    def update(self, epoch: int, index: int) -> list[Batch]:
        return [
            make_batch(np.random.default_rng([7, self._first + epoch, index, i]), 8, 5)
            for i in range(len(self.rows(epoch, index)))
        ]

    def rows(self, epoch: int, index: int) -> list[list[int]]:
        last = index == UPDATES - 1
        return [[i] for i in range(max(1, self._accumulation - last))]


def backbone() -> keras.Model:
    """Ids -> vectors, by two blocks: block1_conv, block1_norm, block2_conv, block2_norm."""
    ids = keras.Input((None,), dtype="int32", name="ids")
    x = keras.layers.Embedding(CHARACTERS, 6, name="embedding")(ids)
    for block in ("block1", "block2"):
        x = keras.layers.Conv1D(6, 3, padding="same", name=f"{block}_conv")(x)
        x = keras.layers.BatchNormalization(momentum=0.7, name=f"{block}_norm")(x)
        x = keras.layers.Activation("relu", name=f"{block}_act")(x)
    return keras.Model(ids, x, name="backbone")


class StagedModel(keras.Model):
    """The backbone, dropout, a hidden layer, softmax."""

    def __init__(self) -> None:
        super().__init__(name="staged")
        self.backbone = backbone()
        self.dropout = keras.layers.Dropout(0.2, name="dropout")
        self.hidden = keras.layers.Dense(6, activation="tanh", name="hidden")
        self.head = keras.layers.Dense(CHARACTERS, name="head")

    def build(self, shape: tuple[int | None, ...]) -> None:
        self.hidden.build((*shape, 6))
        self.head.build((*shape, 6))

    def call(self, ids: tf.Tensor, training: bool = False) -> tf.Tensor:
        x = self.dropout(self.backbone(ids, training=training), training=training)
        return self.head(self.hidden(x))


class StagedLearner:
    """Cross entropy, summed over the mask."""

    objectives: Sequence[Loss] = ()

    def __init__(self) -> None:
        self.model = StagedModel()
        self.model.build((None, None))

    def loss(self, batch: Mapping[str, tf.Tensor], training: bool) -> tuple[tf.Tensor, tf.Tensor]:
        logits = self.model(batch["char"], training=training)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(batch["target"], logits)
        mask = tf.cast(batch["mask"], tf.float32)
        return tf.reduce_sum(losses * mask), tf.reduce_sum(mask)

    def losses(self, batch: Mapping[str, tf.Tensor], step: tf.Tensor, training: bool) -> Mapping[str, Term]:
        return {"loss": Term(*self.loss(batch, training))}

    def evaluate(self) -> Evaluation:
        batch = make_batch(np.random.default_rng(99), 32, 6)
        logits = self.model(batch["char"], training=False)
        nll = tf.nn.sparse_softmax_cross_entropy_with_logits(batch["target"], logits)
        return Evaluation({"nll": float(tf.reduce_mean(nll))})


def staged_job(directory: Path, **sections: object) -> Job:
    """A fresh learner under a fixed seed, ready to train."""
    directory.mkdir(exist_ok=True)
    keras.utils.set_random_seed(5)
    learner = StagedLearner()
    experiment = toy_experiment(**sections)
    batches = StagedBatches(experiment.train.accumulation)
    return job_of(experiment, learner, batches, learner.evaluate, directory)


def resumed_staged_job(directory: Path, **sections: object) -> Job:
    """The same, to go on with what is in the directory."""
    return replace(staged_job(directory, **sections), resume=True)


def values(model: keras.Model) -> dict[str, np.ndarray]:
    """Copies of all variables by their paths, which differ in the toy."""
    return {variable.path: np.array(variable.value.numpy()) for variable in model.variables}
