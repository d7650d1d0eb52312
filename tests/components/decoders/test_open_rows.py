"""Loops that settled rows leave, and the largest numbers of long rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import tensorflow as tf

from nlpx.components.decoders.largest import BLOCK, largest, top
from nlpx.components.decoders.open_rows import while_open, while_open_in_numpy

ENDS = [5, 1, 3, 0, 9]
"""The step after which each row is settled."""
STEPS = 7


def test_settled_rows_are_no_longer_computed() -> None:
    computed: list[list[int]] = []

    def is_open(result: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
        return result[0] < result[1]

    def advance(
        time: tf.Tensor, memory: tf.Tensor, result: tuple[tf.Tensor, tf.Tensor], sums: tf.Tensor
    ) -> tuple[tuple[tf.Tensor, tf.Tensor], tf.Tensor]:
        computed.append(memory.numpy().tolist())
        assert (sums == time * memory).numpy().all(), "memory and states are those of the rows"
        return (result[0] + 1, result[1]), sums + memory

    zeros, ends = tf.zeros(5, tf.int32), tf.constant(ENDS)
    steps, _ = while_open(is_open, advance, tf.range(5), (zeros, ends), zeros, STEPS)
    # Four of five rows are enough for a step of all; of these, three of four are not.
    assert computed == [[0, 1, 2, 3, 4], *[[0, 2, 4]] * 2, *[[0, 4]] * 2, *[[4]] * 2]
    assert steps.numpy().tolist() == [5, 1, 3, 1, 7]


def test_arrays_leave_in_the_same_way() -> None:
    computed: list[list[int]] = []
    given = np.zeros(5, int)

    def is_open(result: Sequence[np.ndarray]) -> np.ndarray:
        return result[0] < result[1]

    def advance(
        time: int, memory: Sequence[np.ndarray], result: Sequence[np.ndarray], states: Sequence[np.ndarray]
    ) -> tuple[Sequence[np.ndarray], Sequence[np.ndarray]]:
        computed.append(memory[0].tolist())
        assert (states[0] == time * memory[0]).all()
        return (result[0] + 1, result[1]), [states[0] + memory[0]]

    rows = np.arange(5)
    steps, _ = while_open_in_numpy(is_open, advance, [rows], (given, np.array(ENDS)), [given], STEPS)
    assert computed == [[0, 1, 2, 3, 4], *[[0, 2, 4]] * 2, *[[0, 4]] * 2, *[[4]] * 2]
    assert (steps.tolist(), given.tolist()) == ([5, 1, 3, 1, 7], [0] * 5)


def test_no_rows() -> None:
    def never(*_: object) -> tf.Tensor:
        return tf.zeros((0,), tf.bool)

    none = tf.zeros((0, 2))
    run = tf.function(lambda: while_open(never, lambda t, m, r, s: (r, s), none, none, none, 3))
    assert run().shape == (0, 2)


@pytest.mark.parametrize("count", [1, 4])
@pytest.mark.parametrize("size", [7, BLOCK * 8, BLOCK * 8 + 5, 1000])
def test_largest_is_top_k_with_its_order_of_equal_numbers(count: int, size: int) -> None:
    rng = np.random.default_rng(size)
    # Few different numbers, so that equal ones are in many blocks; rows with fewer finite ones than wanted.
    values = rng.integers(0, 4, (3, 2, size)).astype(np.float32)
    values[1] = -np.inf
    values[1, 0, size - 1] = 0
    values[2, 1] = rng.normal(size=size)
    given = tf.constant(values)
    for found, expected in zip(largest(given, count), tf.math.top_k(given, count), strict=True):
        np.testing.assert_array_equal(found, expected)
    for rows in values:
        for found, expected in zip(top(rows, count), tf.math.top_k(rows, count), strict=True):
            np.testing.assert_array_equal(found, expected)
