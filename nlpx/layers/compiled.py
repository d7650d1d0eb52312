"""Functions of batches, compiled once for batches of all sizes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf

MASK = "mask"


def any_size(batch: Mapping[str, tf.Tensor]) -> dict[str, tf.TensorSpec]:
    """What the fields of a batch have in common with those of other batches: all but rows and positions.

    A field of a sequence, (B, T, ...), has the first two axes of a mask; T is free for these, and B for all.
    A field that only happens to have as many columns as a mask has positions costs another compilation, no
    more.
    """
    masks = {tuple(tensor.shape) for name, tensor in batch.items() if name.endswith(MASK)}
    return {
        name: _spec(tensor, 2 if tuple(tensor.shape[:2]) in masks else 1) for name, tensor in batch.items()
    }


def own_size(batch: Mapping[str, tf.Tensor]) -> dict[str, tf.TensorSpec]:
    """What the fields of a batch have in common with those of batches of its size."""
    return {name: _spec(tensor, 0) for name, tensor in batch.items()}


def _spec(tensor: tf.Tensor, free: int) -> tf.TensorSpec:
    shape = tensor.shape.as_list()
    return tf.TensorSpec([None] * min(free, len(shape)) + shape[free:], tensor.dtype)


class Compiled:
    """A function of tensors, traced when it is called for the first time and not for other sizes.

    `tf.function` traces the sizes of the first call, and all sizes only when another one comes: twice the
    work, for as fast a graph.

    Args:
        function: its arguments are batches or single tensors, whose rows are free.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = tf.function(function, autograph=False)
        self._traced: dict[tuple[object, ...], Callable[..., Any]] = {}

    def __call__(self, *arguments: Mapping[str, tf.Tensor] | tf.Tensor) -> Any:
        if tf.config.functions_run_eagerly():  # as probes want
            return self._function(*arguments)
        specs = [any_size(each) if isinstance(each, Mapping) else _spec(each, 1) for each in arguments]
        key = tuple(spec if isinstance(spec, tf.TensorSpec) else tuple(spec.items()) for spec in specs)
        if key not in self._traced:
            self._traced[key] = self._function.get_concrete_function(*specs)
        return self._traced[key](*arguments)
