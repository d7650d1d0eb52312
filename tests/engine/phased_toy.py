"""A toy of two phases: a writer learns to answer, a critic to guess from its logits whether a target is even."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Literal

import keras
import numpy as np
import tensorflow as tf
from pydantic import PrivateAttr

from nlpx.components.losses.base import Loss, Term
from nlpx.engine.job import Job
from nlpx.engine.learner import Evaluation, Phase
from nlpx.tasks.couplet.config import Couplet
from tests.engine.toy import CHARACTERS, ToyBatches, ToyModel, job_of, make_batch

PHASED: dict[str, object] = {
    "critic": {"type": "sgd", "learning_rate": 0.05, "momentum": 0.5},
    "writer": {"type": "adam", "learning_rate": 0.02, "schedule": {"type": "cosine", "warmup_steps": 3}},
}


class DuelExperiment(Couplet):
    """A config whose engine sections can be set; the rest is not looked at."""

    phases: ClassVar[tuple[str, ...]] = ("critic", "writer")


class Prior(Loss):
    """Cross entropy of logits + a bias for every character, which is learnt and is no part of the model."""

    type: Literal["prior"] = "prior"
    _bias: Any = PrivateAttr(default=None)

    def build(self, sizes: Mapping[str, int]) -> None:
        self._bias = keras.Variable(np.zeros(sizes["classes"], np.float32), name="prior")

    @property
    def variables(self) -> list[keras.Variable]:
        return [self._bias]

    def terms(self, values: Mapping[str, tf.Tensor], step: tf.Tensor | int) -> dict[str, Term]:
        mask = tf.cast(values["mask"], tf.float32)
        logits = values["logits"] + self._bias.value
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(values["target"], logits)
        return {"answer": Term(tf.reduce_sum(losses * mask), tf.reduce_sum(mask))}


class Duel(keras.Model):
    """The writer and its critic."""

    def __init__(self, dropout: float, normalized: bool) -> None:
        super().__init__(name="duel")
        self.writer = ToyModel(dropout=dropout)
        self.normalization = (
            keras.layers.BatchNormalization(momentum=0.7, name="normalization")
            if normalized
            else keras.layers.Activation("tanh", name="normalization")
        )
        self.critic = keras.layers.Dense(1, name="critic")

    def build(self, shape: tuple[int | None, ...]) -> None:
        self.writer.build(shape)
        self.normalization.build((*shape, CHARACTERS))
        self.critic.build((*shape, CHARACTERS))

    def call(self, ids: tf.Tensor, training: bool = False) -> tuple[tf.Tensor, tf.Tensor]:
        logits = self.writer(ids, training=training)
        batch_statistics = {"training": training} if self.normalization.weights else {}
        return logits, self.critic(self.normalization(logits, **batch_statistics))[..., 0]


class DuelLearner:
    """Terms `answer` and `critic` over the mask, `fool` over the rows: two different weights."""

    def __init__(self, dropout: float = 0.2, repeat: int = 2, normalized: bool = True) -> None:
        self.model = Duel(dropout, normalized)
        self.model.build((None, None))
        self._prior = Prior()
        self._prior.build({"classes": CHARACTERS})
        self.repeat = repeat

    @property
    def objectives(self) -> Sequence[Loss]:
        return [self._prior]

    @property
    def phases(self) -> Sequence[Phase]:
        critic = [*self.model.normalization.variables, *self.model.critic.variables]
        writer = [*self.model.writer.variables, *self._prior.variables]
        return [
            Phase("critic", critic, ["critic"], repeat=self.repeat),
            Phase("writer", writer, ["answer", "fool"]),
        ]

    def losses(self, batch: Mapping[str, tf.Tensor], step: tf.Tensor, training: bool) -> dict[str, Term]:
        logits, guess = self.model(batch["char"], training=training)
        terms = self._prior({**batch, "logits": logits}, step)
        mask = tf.cast(batch["mask"], tf.float32)
        even = tf.cast(batch["target"] % 2 == 0, tf.float32)
        losses = tf.nn.sigmoid_cross_entropy_with_logits(even, guess) * mask
        losses *= batch.get("factor", 1.0)
        rows = tf.reduce_sum(mask[:, 0])
        annealed = 0.1 * tf.minimum(1.0, (tf.cast(step, tf.float32) + 1) / 5)
        return {
            **terms,
            "critic": Term(tf.reduce_sum(losses), terms["answer"].weight),
            "fool": Term(-tf.reduce_sum(tf.reduce_mean(losses, 1)), rows, annealed),
        }

    def evaluate(self) -> Evaluation:
        batch = make_batch(np.random.default_rng(99), 32, 6)
        logits, _ = self.model(batch["char"], training=False)
        terms = self._prior({**batch, "logits": logits}, tf.constant(0))
        return Evaluation({"nll": float(terms["answer"].sum / terms["answer"].weight)})


def duel_job(directory: Path, **sections: object) -> Job:
    """A fresh learner under a fixed seed, ready to train."""
    keras.utils.set_random_seed(4)
    learner = DuelLearner()
    experiment = DuelExperiment.model_validate({"task": "couplet", "optimizer": PHASED, **sections})
    # Five updates for rounds of three: the last one of an epoch takes the first batch again.
    batches = ToyBatches(updates=5, accumulation=experiment.train.accumulation)
    return job_of(experiment, learner, batches, learner.evaluate, directory)


def resumed_duel_job(directory: Path, **sections: object) -> Job:
    """The same, to go on with what is in the directory."""
    return replace(duel_job(directory, **sections), resume=True)
