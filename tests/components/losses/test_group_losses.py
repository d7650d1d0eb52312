"""Losses over the sentences of a batch, against loops in float64."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from nlpx.components.losses.base import Term
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


@pytest.mark.parametrize("loss", [MultipleNegativesRanking(), Triplet()], ids=lambda loss: loss.type)
def test_nothing_to_tell_apart_is_no_loss(loss: GroupLoss) -> None:
    x = tf.constant(vectors_of(3))
    with tf.GradientTape() as tape:
        tape.watch(x)
        total, count, _ = measured(loss, x, [7, 7, 7])
    assert (float(total), float(count)) == (0.0, 3.0)
    assert not tape.gradient(total, x).numpy().any()
    empty = measured(loss, x, [0, 0, 0], real=False)
    assert (float(empty.sum), float(empty.weight)) == (0.0, 0.0)
