"""Loops over rows that are settled at different times: what is settled is no longer computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from nlpx.core.lazy import np, tf

Structure = TypeVar("Structure")
Arrays = Sequence["np.ndarray"]


def while_open(
    is_open: Callable[[Structure], tf.Tensor],
    advance: Callable[[tf.Tensor, Any, Structure, Any], tuple[Structure, Any]],
    memory: Any,
    result: Structure,
    states: Any,
    steps: int,
) -> Structure:
    """The result once no row is open, or after so many steps, in loops of a graph.

    Args:
        is_open: result -> (B,) bool, the rows that may still change. Steps must not change the others.
        advance: time, memory, result and states -> result and states after the step; every row by itself.
        memory: nested tensors (B, ...) that no step changes.
        result: nested tensors (B, ...), before the first step.
        states: nested tensors (B, ...) that are not part of the result.
    """

    def most_are_open(time: tf.Tensor, result: Structure, states: Any) -> tf.Tensor:
        found = is_open(result)
        return _are_most(tf.math.count_nonzero(found, dtype=tf.int32), tf.size(found))

    def any_is_open(time: tf.Tensor, rows: tf.Tensor, *_: Any) -> tf.Tensor:
        return tf.size(rows) > 0

    def shorten(
        time: tf.Tensor, rows: tf.Tensor, whole: Structure, memory: Any, states: Any
    ) -> tuple[tf.Tensor, tf.Tensor, Structure, Any, Any]:
        def step(time: tf.Tensor, result: Structure, states: Any) -> tuple[tf.Tensor, Structure, Any]:
            return time + 1, *advance(time, memory, result, states)

        time, result, states = tf.while_loop(
            most_are_open, step, (time, _of(rows, whole), states), maximum_iterations=steps - time
        )
        whole = tf.nest.map_structure(
            lambda part, new: tf.tensor_scatter_nd_update(part, rows[:, None], new), whole, result
        )
        left = tf.where(is_open(result) & (time < steps))[:, 0]
        return time, tf.gather(rows, left), whole, _of(left, memory), _of(left, states)

    rows = tf.range(tf.shape(tf.nest.flatten(result)[0])[0])
    variables = (tf.constant(0), rows, result, memory, states)
    shapes = tf.nest.map_structure(lambda part: tf.TensorShape([None, *part.shape[1:]]), variables[1:])
    return tf.while_loop(any_is_open, shorten, variables, (tf.TensorShape([]), *shapes))[2]


def while_open_in_numpy(
    is_open: Callable[[Arrays], np.ndarray],
    advance: Callable[[int, Arrays, Arrays, Arrays], tuple[Arrays, Arrays]],
    memory: Arrays,
    result: Arrays,
    states: Arrays,
    steps: int,
) -> Arrays:
    """`while_open` for arrays."""
    rows = np.arange(len(result[0]))
    whole = [part.copy() for part in result]
    for time in range(steps):
        left = is_open(result)
        if not _are_most(np.count_nonzero(left), len(left)):
            _record(whole, rows, result)
            rows, memory, result, states = (
                rows[left],
                *([part[left] for part in parts] for parts in (memory, result, states)),
            )
        if not len(rows):
            return whole
        result, states = advance(time, memory, result, states)
    _record(whole, rows, result)
    return whole


def _are_most(count: Any, rows: Any) -> Any:
    """Whether a loop over these rows, of which so many are open, is worth its next step."""
    return 4 * count > 3 * rows


def _of(rows: tf.Tensor, structure: Structure) -> Structure:
    return tf.nest.map_structure(lambda part: tf.gather(part, rows), structure)


def _record(whole: Arrays, rows: np.ndarray, result: Arrays) -> None:
    for part, new in zip(whole, result, strict=True):
        part[rows] = new
