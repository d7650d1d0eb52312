"""Losses over the sentences of a batch, against loops in float64."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from nlpx.components.losses.base import Term
from nlpx.components.losses.circle import Circle
from nlpx.components.losses.faq_triplet import FaqTriplet
from nlpx.components.losses.group_loss import GroupLoss
from nlpx.components.losses.multiple_negatives_ranking import MultipleNegativesRanking
from nlpx.components.losses.triplet import Triplet

GROUPS = st.lists(st.integers(0, 3), min_size=1, max_size=8)


def vectors_of(count: int, seed: int = 0) -> np.ndarray:
    x = np.random.default_rng(seed).normal(size=(count, 4))
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)


def measured(loss: GroupLoss, vectors: tf.Tensor, groups: list[int], real: bool = True) -> Term:
    mask = tf.fill([len(groups)], real)
    return loss({"vector": vectors, "group": tf.constant(groups), "mask": mask}, 0)["loss"]


def relations(groups: list[int], i: int) -> tuple[list[int], list[int]]:
    partners = [j for j, group in enumerate(groups) if group == groups[i] and j != i]
    return partners, [j for j, group in enumerate(groups) if group != groups[i]]


@given(GROUPS, st.integers(0, 99))
def test_multiple_negatives_ranking_by_loops(groups: list[int], seed: int) -> None:
    x = vectors_of(len(groups), seed).astype(np.float64)
    scores = np.exp(5 * x @ x.T)
    expected, count = 0.0, 0
    for i in range(len(groups)):
        partners, others = relations(groups, i)
        count += bool(partners)
        terms = [-np.log(scores[i, p] / (scores[i, p] + scores[i, others].sum())) for p in partners]
        expected += float(np.mean(terms)) if terms else 0.0
    total, found, _ = measured(MultipleNegativesRanking(scale=5), tf.constant(x, tf.float32), groups)
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
    total, found, _ = measured(Triplet(margin=0.2), tf.constant(x, tf.float32), groups)
    assert float(total) == pytest.approx(expected, rel=1e-4, abs=1e-4)
    assert float(found) == count


@given(GROUPS, st.integers(0, 99))
def test_circle_by_loops(groups: list[int], seed: int) -> None:
    x = vectors_of(len(groups), seed).astype(np.float64)
    cosines, s, m = x @ x.T, 8.0, 0.25
    expected, count = 0.0, 0
    for i in range(len(groups)):
        partners, others = relations(groups, i)
        count += bool(partners)
        near = sum(np.exp(s * max(0, c + m) * (c - m)) for c in cosines[i, others])
        far = sum(np.exp(-s * max(0, 1 + m - c) * (c - 1 + m)) for c in cosines[i, partners])
        expected += np.log1p(near * far)
    total, found, _ = measured(Circle(scale=s, margin=m), tf.constant(x, tf.float32), groups)
    assert float(total) == pytest.approx(expected, rel=1e-4, abs=1e-4)
    assert float(found) == count


def test_circle_is_that_of_keras_with_its_gradient() -> None:
    x, groups = tf.constant(vectors_of(8)), [0, 0, 1, 1, 1, 2, 3, 3]
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        ours = measured(Circle(scale=80, margin=0.4), x, groups).sum
        theirs = tf.reduce_sum(keras.losses.circle(tf.constant(groups), x, gamma=80, margin=0.4))
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)
    np.testing.assert_allclose(tape.gradient(ours, x), tape.gradient(theirs, x), rtol=1e-4, atol=1e-4)


def faq(margin: float, kernel: np.ndarray) -> FaqTriplet:
    loss = FaqTriplet(margin=margin)
    loss.build({"width": len(kernel)})
    np.testing.assert_array_equal(loss.variables[0], np.eye(len(kernel)))
    loss.variables[0].assign(kernel)
    return loss


@given(GROUPS, st.integers(0, 99))
def test_faq_triplet_by_loops(groups: list[int], seed: int) -> None:
    x = vectors_of(len(groups), seed).astype(np.float64)
    kernel = np.random.default_rng(seed).normal(size=(4, 4))
    mapped = x @ kernel
    cosines = mapped / np.linalg.norm(mapped, axis=1, keepdims=True) @ x.T
    expected, count = 0.0, 0
    for i in range(len(groups)):
        partners, others = relations(groups, i)
        losses = [max(0, 0.1 + cosines[i, n] - cosines[i, p]) for p in partners for n in others]
        count += bool(losses)
        expected += float(np.mean(losses)) if losses else 0.0
    total, found, _ = measured(faq(0.1, kernel), tf.constant(x, tf.float32), groups)
    assert float(total) == pytest.approx(expected, rel=1e-4, abs=1e-4)
    assert float(found) == count


@pytest.mark.parametrize(("wrong", "expected"), [(0.55, 0.05), (0.49, 0.0)])
def test_faq_triplet_of_the_article(wrong: float, expected: float) -> None:
    """cos+ .6 and cos- .55 give .05 with the margin .1; beyond the margin there is no gradient."""
    vectors = [[1, 0, 0], [0.6, 0.8, 0], [wrong, -((1 - wrong**2) ** 0.5), 0]]
    x, loss = tf.constant(vectors, tf.float32), faq(0.1, np.eye(3))
    with tf.GradientTape() as tape:
        tape.watch(x)
        total, count, _ = measured(loss, x, [0, 0, 1])
    assert float(total) == pytest.approx(expected, abs=1e-6)
    assert float(count) == 2  # the second sentence and the third are far apart
    of_vectors, of_map = tape.gradient(total, [x, loss.variables[0].value])
    assert of_vectors.numpy().any() == of_map.numpy().any() == bool(expected)


@pytest.mark.parametrize(
    "loss", [MultipleNegativesRanking(), Triplet(), Circle()], ids=lambda loss: loss.type
)
def test_nothing_to_tell_apart_is_no_loss(loss: GroupLoss) -> None:
    x = tf.constant(vectors_of(3))
    with tf.GradientTape() as tape:
        tape.watch(x)
        total, count, _ = measured(loss, x, [7, 7, 7])
    assert (float(total), float(count)) == (0.0, 3.0)
    assert not tape.gradient(total, x).numpy().any()
    empty = measured(loss, x, [0, 0, 0], real=False)
    assert (float(empty.sum), float(empty.weight)) == (0.0, 0.0)
