"""Learners: a model with the objective that training minimizes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar, Generic, TypeVar

import keras
import numpy as np
import tensorflow as tf

from nlpx.components.losses.base import Loss, Term

ModelT = TypeVar("ModelT", bound=keras.Model)


class Learner(ABC, Generic[ModelT]):
    """Base class of learners, with a copy of the objective; subclasses add their prediction graphs."""

    unit: ClassVar[str] = "rows"
    """What has a target, which is printed with the speed of objectives over all targets."""

    def __init__(self, model: ModelT, objective: Loss, sizes: Mapping[str, int] = {}) -> None:
        self.model = model
        self.objective = objective.model_copy()
        self.objective.build(sizes)

    @property
    def objectives(self) -> Sequence[Loss]:
        """The objectives whose variables are trained and saved with the model."""
        return (self.objective,)

    def losses(
        self, batch: Mapping[str, tf.Tensor], step: tf.Tensor | int, training: bool
    ) -> Mapping[str, Term]:
        """The terms of the objective over a batch, after `step` updates (int32 scalar)."""
        return self.objective(self.values(batch, training), step)

    @abstractmethod
    def values(self, batch: Mapping[str, tf.Tensor], training: bool) -> Mapping[str, tf.Tensor]:
        """The values of a batch that the objective reads, by the names of nlpx.components.values."""


def tensors(batch: Mapping[str, np.ndarray]) -> dict[str, tf.Tensor]:
    """The fields of a batch as tensors."""
    return {name: tf.constant(values) for name, values in batch.items()}
