"""Functions of batches are traced once for all sizes, and know the axes that do not vary."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from nlpx.layers.compiled import Compiled, any_size, own_size

Batch = Mapping[str, tf.Tensor]


def batch(rows: int, length: int, other: int) -> dict[str, tf.Tensor]:
    return {
        "char": tf.ones((rows, length), tf.int32),
        "levels": tf.ones((rows, length, 8), tf.uint8),
        "mask": tf.ones((rows, length), tf.bool),
        "second.char": tf.ones((rows, other), tf.int32),
        "second.mask": tf.ones((rows, other), tf.bool),
        "image": tf.ones((rows, 5, 7, 3)),
        "label": tf.ones((rows,), tf.int32),
        "temperature": tf.ones(()),
    }


def test_rows_and_positions_are_free() -> None:
    shapes = {name: tuple(spec.shape) for name, spec in any_size(batch(2, 3, 4)).items()}
    assert shapes == {
        "char": (None, None),
        "levels": (None, None, 8),
        "mask": (None, None),
        "second.char": (None, None),
        "second.mask": (None, None),
        "image": (None, 5, 7, 3),
        "label": (None,),
        "temperature": (),
    }
    assert {name: tuple(spec.shape) for name, spec in own_size(batch(2, 3, 4)).items()} == {
        name: tuple(tensor.shape) for name, tensor in batch(2, 3, 4).items()
    }


def test_other_sizes_need_no_other_trace() -> None:
    traced = []

    def function(given: Batch, weights: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        traced.append(weights.shape.as_list())
        return tf.reduce_sum(given["levels"], (1, 2)), tf.reduce_sum(weights, 1)

    compiled = Compiled(function)
    for rows, length in ((2, 3), (1, 9), (7, 1)):
        sums, weights = compiled(batch(rows, length, length + 1), tf.ones((rows, 4)))
        np.testing.assert_array_equal(sums, np.full(rows, 8 * length))
        np.testing.assert_array_equal(weights, np.full(rows, 4))
    assert traced == [[None, 4]]
    compiled(batch(2, 3, 4), tf.ones((2, 6)))
    assert traced == [[None, 4], [None, 6]]


def test_whoever_wants_the_values_of_every_operation_gets_them() -> None:
    seen = []

    def function(x: tf.Tensor) -> tf.Tensor:
        seen.append(x.numpy().tolist())
        return x + 1

    compiled = Compiled(function)
    tf.config.run_functions_eagerly(True)
    try:
        assert compiled(tf.constant([1])).numpy().tolist() == [2]
    finally:
        tf.config.run_functions_eagerly(False)
    assert seen == [[1]]
