"""What the engine asks of those who use it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import keras
import numpy as np
import tensorflow as tf

Batch = Mapping[str, np.ndarray]


class Problem(Protocol):
    """A model and what its training makes small.

    Every random number of the model must come from a `keras.random.SeedGenerator` that one of its layers
    owns: that is what a checkpoint can restore.
    """

    @property
    def model(self) -> keras.layers.Layer: ...

    def loss(self, batch: Mapping[str, tf.Tensor], training: bool) -> tuple[tf.Tensor, tf.Tensor]:
        """Sum of the loss over a batch, and what it is to be divided by; float32 scalars."""
        ...


@runtime_checkable
class Parted(Protocol):
    """A problem that says itself which parts its model has, where `nlpx.engine.parts` would not find them.

    Only trainings in stages ask for it.
    """

    @property
    def parts(self) -> Sequence[keras.layers.Layer]:
        """The layers that stages freeze and train, from the input to the answer, with different names."""
        ...


class Batches(Protocol):
    """The order of the data: a pure function of epoch and index."""

    @property
    def updates_per_epoch(self) -> int: ...

    def update(self, epoch: int, index: int) -> Sequence[Batch]:
        """The micro-batches of one update, one or more; few shapes in all, as each is compiled once."""
        ...

    def rows(self, epoch: int, index: int) -> list[list[int]]:
        """Which training items each of these micro-batches holds; what a person needs to find bad data."""
        ...


@dataclass(frozen=True)
class Evaluation:
    """What an evaluation found: numbers by name, and answers to the samples of the config."""

    metrics: Mapping[str, float]
    samples: Sequence[Mapping[str, object]] = field(default_factory=list)
