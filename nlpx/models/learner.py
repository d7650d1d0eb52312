"""A model and the objective that its training minimizes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

import keras
import numpy as np
import tensorflow as tf

from nlpx.components.losses.base import Loss, Term

ModelT = TypeVar("ModelT", bound=keras.Model)


class Learner(ABC, Generic[ModelT]):
    """What the learners of all tasks share; their prediction graphs stand beside it.

    Args:
        model: with every weight created.
        objective: its options; the learner uses a copy with layers of its own.
        sizes: what the objective is told of the data and the model, see `Loss.build`.
    """

    def __init__(self, model: ModelT, objective: Loss, sizes: Mapping[str, int] = {}) -> None:
        self.model = model
        self.objective = objective.model_copy()
        self.objective.build(sizes)

    @property
    def objectives(self) -> Sequence[Loss]:
        """Those whose variables are trained and saved with the model."""
        return (self.objective,)

    def losses(
        self, batch: Mapping[str, tf.Tensor], step: tf.Tensor | int, training: bool
    ) -> Mapping[str, Term]:
        """The terms of the objective over a batch.

        Args:
            batch: fields by name.
            step: number of updates made so far, int32 scalar.
            training: whether dropout acts.
        """
        return self.objective(self.values(batch, training), step)

    @abstractmethod
    def values(self, batch: Mapping[str, tf.Tensor], training: bool) -> Mapping[str, tf.Tensor]:
        """What the objective reads of a batch, by the names of nlpx.components.values."""


def tensors(batch: Mapping[str, np.ndarray]) -> dict[str, tf.Tensor]:
    """The fields of a batch as tensors."""
    return {name: tf.constant(values) for name, values in batch.items()}
