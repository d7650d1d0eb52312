"""Learners: a model with the objective that training minimizes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

import keras
import numpy as np
import tensorflow as tf

from nlpx.components.losses.base import Loss, Term
from nlpx.data.items import Field
from nlpx.errors import UsageError

ModelT = TypeVar("ModelT", bound=keras.Model)


@dataclass(frozen=True)
class InferenceGraph:
    """A function that an export writes.

    Attributes:
        call: tensors by name -> a tensor, or a tuple.
        inputs: the tensors, with None for axes of any length.
        outputs: names of what it gives.
    """

    call: Callable[[Mapping[str, tf.Tensor]], Any]
    inputs: Mapping[str, tf.TensorSpec]
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class Exportable:
    """All that the predictor of a task uses of a learner.

    Attributes:
        graphs: by name.
        constants: small arrays, by name.
        tables: large arrays, which a bundle maps into memory, by name.
        evaluates: whether these suffice for examples of records, too.
    """

    graphs: Mapping[str, InferenceGraph] = field(default_factory=dict)
    constants: Mapping[str, np.ndarray] = field(default_factory=dict)
    tables: Mapping[str, np.ndarray] = field(default_factory=dict)
    evaluates: bool = True


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

    def fold(self) -> None:
        """Prepare the prediction graphs for the weights as they are now; called when they were loaded."""

    @abstractmethod
    def values(self, batch: Mapping[str, tf.Tensor], training: bool) -> Mapping[str, tf.Tensor]:
        """The values of a batch that the objective reads, by the names of nlpx.components.values."""

    def exportable(self, fields: Mapping[str, Field]) -> Exportable:
        """What an export writes.

        Args:
            fields: those of the codec.

        Raises:
            UsageError: learners of this kind cannot be exported.
        """
        raise UsageError("runs of this task cannot be exported as graphs.")


def tensors(batch: Mapping[str, np.ndarray]) -> dict[str, tf.Tensor]:
    """The fields of a batch as tensors."""
    return {name: tf.constant(values) for name, values in batch.items()}


def array(tensor: tf.Tensor) -> np.ndarray:
    """The values of a tensor in the memory of the tensor, which is not to be written to."""
    return np.asarray(memoryview(tensor))


def filled(rows: np.ndarray, at_least: int) -> np.ndarray:
    """The rows, and zeros up to so many: batches of one shape are compiled once, with the same last bits."""
    return np.pad(rows, [(0, max(0, at_least - len(rows))), *[(0, 0)] * (rows.ndim - 1)])


def row_inputs(fields: Mapping[str, Field], name: str) -> dict[str, tf.TensorSpec]:
    """The input of a graph over batches of one field without a sequence."""
    return {name: tf.TensorSpec((None, *fields[name].shape), fields[name].dtype)}


def batch_inputs(fields: Mapping[str, Field], names: Sequence[str]) -> dict[str, tf.TensorSpec]:
    """The inputs of a graph over batches: these fields of the codec, and `mask`; B and T are free."""
    specs = {name: tf.TensorSpec((None, None, *fields[name].shape), fields[name].dtype) for name in names}
    return {**specs, "mask": tf.TensorSpec((None, None), tf.bool)}
