"""Losses over scored pairs, against loops in float64."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from nlpx.losses.scores import Contrastive, CoSENT, Cosine

Loss = Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor]]
PAIRS = st.lists(
    st.tuples(st.floats(-1, 1, width=32), st.integers(0, 5), st.booleans()), min_size=1, max_size=9
)
LOSSES: list[Loss] = [CoSENT(), Cosine(0, 5), Contrastive(3)]
NAMES = ["cosent", "cosine", "contrastive"]


def measured(loss: Loss, pairs: list[tuple[float, float, bool]]) -> tuple[float, float]:
    cosines, scores, real = zip(*pairs, strict=True)
    total, weight = loss(tf.constant(cosines), tf.constant(scores, tf.float32), tf.constant(real))
    return float(total), float(weight)


@given(PAIRS, st.sampled_from([1.0, 20.0]))
def test_cosent_by_loops(pairs: list[tuple[float, float, bool]], scale: float) -> None:
    real = [(cosine, score) for cosine, score, real in pairs if real]
    terms = [math.exp(scale * (cj - ci)) for ci, si in real for cj, sj in real if si > sj]
    expected = (len(real) * math.log(1 + sum(terms)), len(real)) if terms else (0, 0)
    assert measured(CoSENT(scale), pairs) == pytest.approx(expected, rel=1e-4, abs=1e-5)


@given(PAIRS)
def test_cosine_by_loops(pairs: list[tuple[float, float, bool]]) -> None:
    errors = [(cosine - (score - 1) / 3) ** 2 for cosine, score, real in pairs if real]
    assert measured(Cosine(1, 4), pairs) == pytest.approx((sum(errors), len(errors)), rel=1e-4, abs=1e-6)


@given(PAIRS)
def test_contrastive_by_loops(pairs: list[tuple[float, float, bool]]) -> None:
    found = []
    for cosine, score, real in pairs:
        distance = 1 - cosine
        if real:
            found.append((distance if score >= 3 else max(0.0, 0.7 - distance)) ** 2 / 2)
    expected = sum(found), len(found)
    assert measured(Contrastive(3, 0.7), pairs) == pytest.approx(expected, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("scale", [20.0, 100.0, 1000.0])
def test_cosent_is_stable_and_exact_at_any_scale(scale: float) -> None:
    """The worst order of two pairs: log(1 + e^(2 s)) = 2 s, beyond what e^(2 s) is in float32."""
    cosines = tf.constant([-1.0, 1.0])
    with tf.GradientTape() as tape:
        tape.watch(cosines)
        total, weight = CoSENT(scale)(cosines, tf.constant([1.0, 0.0]), tf.fill([2], True))
        mean = total / weight
    assert float(mean) == pytest.approx(2 * scale)
    np.testing.assert_allclose(tape.gradient(mean, cosines), [-scale, scale], rtol=1e-6)


def test_cosent_asks_only_for_the_order_of_scores() -> None:
    cosines = [0.3, -0.2, 0.9, 0.4]
    plain = measured(CoSENT(), [(c, s, True) for c, s in zip(cosines, (0, 1, 3, 3), strict=True)])
    assert plain == measured(CoSENT(), [(c, s, True) for c, s in zip(cosines, (-9, 2, 70, 70), strict=True)])


@pytest.mark.parametrize("loss", LOSSES, ids=NAMES)
def test_gradients_are_those_of_finite_differences(loss: Loss) -> None:
    cosines = np.array([0.3, -0.2, 0.85, 0.4, 0.1])
    scores, real = tf.constant([0.0, 1.0, 5.0, 3.0, 2.0]), tf.constant([True] * 5)
    x = tf.constant(cosines, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        total, _ = loss(x, scores, real)
    for i, slope in enumerate(tape.gradient(total, x).numpy()):
        step = np.eye(5)[i] * 1e-2
        there, back = (
            float(loss(tf.constant(at, tf.float32), scores, real)[0])
            for at in (cosines + step, cosines - step)
        )
        assert slope == pytest.approx((there - back) / 2e-2, rel=0.02, abs=0.01)


@pytest.mark.parametrize("loss", LOSSES, ids=NAMES)
def test_missing_rows_change_nothing_and_get_no_gradient(loss: Loss) -> None:
    pairs = [(0.3, 0.0, True), (-0.2, 4.0, True), (0.9, 2.0, True)]
    cosines = tf.constant([0.3, -0.2, 0.9, 0.0, 0.0])
    with tf.GradientTape() as tape:
        tape.watch(cosines)
        total, weight = loss(
            cosines, tf.constant([0.0, 4.0, 2.0, 0.0, 0.0]), tf.constant([True] * 3 + [False] * 2)
        )
    assert (float(total), float(weight)) == pytest.approx(measured(loss, pairs), rel=1e-6)
    gradient = tape.gradient(total, cosines).numpy()
    assert gradient[:3].any() and not gradient[3:].any()
    assert measured(loss, [(0.0, 0.0, False)]) == (0, 0)


def test_equal_scores_are_no_loss_of_cosent_but_finite() -> None:
    cosines = tf.constant([0.3, 0.9])
    with tf.GradientTape() as tape:
        tape.watch(cosines)
        total, weight = CoSENT()(cosines, tf.constant([2.0, 2.0]), tf.fill([2], True))
    assert (float(total), float(weight)) == (0, 0)
    assert not tape.gradient(total, cosines).numpy().any()
