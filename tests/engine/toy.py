"""A learner that trains in milliseconds: say (3 * id + 1) mod 20 at every position."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import keras
import numpy as np
import tensorflow as tf

from nlpx.components.losses.base import Loss, Term
from nlpx.engine.job import Job
from nlpx.engine.learner import Batch, Batches, Evaluation, Learner
from nlpx.specs.experiment import Experiment
from nlpx.tasks.couplet.config import Couplet
from nlpx.workflow import job as jobs

CHARACTERS = 20
DIRECTIONS: Mapping[str, Literal["min", "max"]] = {"nll": "min", "accuracy": "max"}


class ToyModel(keras.Model):
    """Embedding, dropout, convolution, softmax."""

    def __init__(self, dim: int = 8, dropout: float = 0.2) -> None:
        super().__init__(name="toy")
        self.embedding = keras.layers.Embedding(CHARACTERS, dim, name="embedding")
        self.dropout = keras.layers.Dropout(dropout, name="dropout")
        self.conv = keras.layers.Conv1D(dim, 3, padding="same", activation="relu", name="conv")
        self.head = keras.layers.Dense(CHARACTERS, name="head")
        self._dim = dim

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Create the weights; Keras would trace a call to find their shapes."""
        self.embedding.build(shape)
        self.conv.build((*shape, self._dim))
        self.head.build((*shape, self._dim))

    def call(self, ids: tf.Tensor, training: bool = False) -> tf.Tensor:
        x = self.dropout(self.embedding(ids), training=training)
        return keras.ops.cast(self.head(self.conv(x)), "float32")


class ToyLearner:
    """Cross entropy, summed over the mask. Multiplied by `factor` of the batch, if it has one."""

    objectives: Sequence[Loss] = ()

    def __init__(self, dim: int = 8, dropout: float = 0.2) -> None:
        self.model = ToyModel(dim, dropout)
        self.model.build((None, None))

    def loss(self, batch: Mapping[str, tf.Tensor], training: bool) -> tuple[tf.Tensor, tf.Tensor]:
        logits = self.model(batch["char"], training=training)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(batch["target"], logits)
        mask = tf.cast(batch["mask"], tf.float32)
        return tf.reduce_sum(losses * mask) * batch.get("factor", 1.0), tf.reduce_sum(mask)

    def losses(self, batch: Mapping[str, tf.Tensor], step: tf.Tensor, training: bool) -> Mapping[str, Term]:
        return {"loss": Term(*self.loss(batch, training))}

    def evaluate(self) -> Evaluation:
        """On fixed rows; the sample shows a prediction."""
        batch = make_batch(np.random.default_rng(99), 32, 6)
        logits = self.model(batch["char"], training=False)
        nll = tf.nn.sparse_softmax_cross_entropy_with_logits(batch["target"], logits)
        answers = np.argmax(logits, -1)
        metrics = {
            "nll": float(tf.reduce_mean(nll)),
            "accuracy": float(np.mean(answers == batch["target"])),
        }
        return Evaluation(metrics, [{"input": "上联", "answer": str(answers[0].tolist())}])


class ToyBatches:
    """Batches of two lengths, a pure function of epoch and index; `change` may spoil one."""

    def __init__(
        self,
        updates: int = 6,
        accumulation: int = 1,
        change: Callable[[int, int, dict[str, np.ndarray]], dict[str, np.ndarray]] | None = None,
    ) -> None:
        self.updates_per_epoch = updates
        self._accumulation = accumulation
        self._change = change

    def update(self, epoch: int, index: int) -> list[Batch]:
        # The last update of an epoch has fewer micro-batches.
        count = max(1, self._accumulation - 1) if index == self.updates_per_epoch - 1 else self._accumulation
        batches: list[Batch] = []
        for i in range(count):
            rng = np.random.default_rng([7, epoch, index, i])
            batch = make_batch(rng, 8, 4 if rng.random() < 0.5 else 6)
            batches.append(batch if self._change is None else self._change(epoch, index, batch))
        return batches

    def rows(self, epoch: int, index: int) -> list[list[int]]:
        return [[epoch, index, i] for i in range(len(self.update(epoch, index)))]


def make_batch(rng: np.random.Generator, rows: int, length: int) -> dict[str, np.ndarray]:
    char = rng.integers(0, CHARACTERS, (rows, length), dtype=np.int32)
    lengths = rng.integers(1, length + 1, rows)
    return {
        "char": char,
        "target": (char * 3 + 1) % CHARACTERS,
        "mask": np.arange(length) < lengths[:, None],
    }


def toy_experiment(**sections: object) -> Experiment:
    """A config whose engine sections can be set; the rest is not looked at."""
    return Couplet.model_validate({"task": "couplet", **sections})


def job_of(
    experiment: Experiment,
    learner: Learner,
    batches: Batches,
    evaluate: Callable[[], Evaluation],
    directory: Path,
) -> Job:
    """A job with what the engine needs of a config, and the metrics of the toy."""
    job = jobs.job_of(experiment, learner, batches, directory, evaluate)
    return replace(job, directions=DIRECTIONS)


def toy_job(directory: Path, **sections: object) -> Job:
    """A fresh learner under a fixed seed, ready to train."""
    keras.utils.set_random_seed(3)
    learner = ToyLearner()
    experiment = toy_experiment(**sections)
    batches = ToyBatches(accumulation=experiment.train.accumulation)
    return job_of(experiment, learner, batches, learner.evaluate, directory)


def resumed_job(directory: Path, **sections: object) -> Job:
    """The same, to go on with what is in the directory."""
    return replace(toy_job(directory, **sections), resume=True)
