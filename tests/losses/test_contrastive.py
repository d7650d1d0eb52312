"""Losses over the sentences of a batch, against loops in float64."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from nlpx.losses.contrastive import InBatch, Triplet

GROUPS = st.lists(st.integers(0, 3), min_size=1, max_size=8)


def vectors_of(count: int, seed: int = 0) -> np.ndarray:
    x = np.random.default_rng(seed).normal(size=(count, 4))
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)


def relations(groups: list[int], i: int) -> tuple[list[int], list[int]]:
    partners = [j for j, group in enumerate(groups) if group == groups[i] and j != i]
    return partners, [j for j, group in enumerate(groups) if group != groups[i]]


@given(GROUPS, st.integers(0, 99))
def test_in_batch_by_loops(groups: list[int], seed: int) -> None:
    x = vectors_of(len(groups), seed).astype(np.float64)
    scores = np.exp(5 * x @ x.T)
    expected, count = 0.0, 0
    for i in range(len(groups)):
        partners, others = relations(groups, i)
        count += bool(partners)
        terms = [-np.log(scores[i, p] / (scores[i, p] + scores[i, others].sum())) for p in partners]
        expected += float(np.mean(terms)) if terms else 0.0
    total, found = InBatch(5)(tf.constant(x, tf.float32), tf.constant(groups), tf.fill([len(groups)], True))
    assert float(total) == pytest.approx(expected, rel=1e-4, abs=1e-4)
    assert float(found) == count


@given(GROUPS, st.integers(0, 99))
def test_triplet_by_loops(groups: list[int], seed: int) -> None:
    x = vectors_of(len(groups), seed).astype(np.float64)
    cosines = x @ x.T
    expected, count = 0.0, 0
    for i in range(len(groups)):
        partners, others = relations(groups, i)
        count += bool(partners)
        if partners and others:
            expected += max(0.0, 0.2 + cosines[i, others].max() - cosines[i, partners].min())
    total, found = Triplet(0.2)(tf.constant(x, tf.float32), tf.constant(groups), tf.fill([len(groups)], True))
    assert float(total) == pytest.approx(expected, rel=1e-4, abs=1e-4)
    assert float(found) == count


@pytest.mark.parametrize("loss", [InBatch(), Triplet()], ids=["in_batch", "triplet"])
def test_missing_rows_change_nothing_and_gradients_are_finite(loss: InBatch | Triplet) -> None:
    x, groups = vectors_of(6), np.array([1, 1, 2, 2, 3, 0], np.int32)
    padded = tf.constant(np.concatenate([x, np.zeros((2, 4), np.float32)]))
    real = tf.constant([True] * 6 + [False] * 2)
    with tf.GradientTape() as tape:
        tape.watch(padded)
        total, count = loss(padded, tf.constant([*groups, 0, 0]), real)
    gradient = tape.gradient(total, padded).numpy()
    alone = loss(tf.constant(x), tf.constant(groups), tf.fill([6], True))
    np.testing.assert_allclose((total, count), alone, rtol=1e-6)
    assert float(count) == 4
    assert np.isfinite(gradient).all() and gradient[:4].any()
    assert not gradient[6:].any()


@pytest.mark.parametrize("loss", [InBatch(), Triplet()], ids=["in_batch", "triplet"])
def test_nothing_to_tell_apart_is_no_loss(loss: InBatch | Triplet) -> None:
    x = tf.constant(vectors_of(3))
    with tf.GradientTape() as tape:
        tape.watch(x)
        total, count = loss(x, tf.constant([7, 7, 7]), tf.fill([3], True))
    assert (float(total), float(count)) == (0.0, 3.0)
    assert not tape.gradient(total, x).numpy().any()
    empty = loss(x, tf.constant([0, 0, 0]), tf.fill([3], False))
    assert [float(value) for value in empty] == [0.0, 0.0]
