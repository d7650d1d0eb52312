"""Losses over scored pairs, against loops in float64."""

from __future__ import annotations

import math

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from nlpx.components.losses.base import Term
from nlpx.components.losses.contrastive import Contrastive
from nlpx.components.losses.cosent import CoSENT
from nlpx.components.losses.cosine import Cosine
from nlpx.components.losses.score_loss import ScoreLoss

PAIRS = st.lists(
    st.tuples(st.floats(-1, 1, width=32), st.integers(0, 5), st.booleans()), min_size=1, max_size=9
)
LOSSES: list[ScoreLoss] = [CoSENT(), Cosine(low=0, high=5), Contrastive(threshold=3)]


def term_of(loss: ScoreLoss, cosines: tf.Tensor, scores: tf.Tensor, real: tf.Tensor) -> Term:
    return loss({"cosine": cosines, "score": scores, "mask": real}, 0)["loss"]


def measured(loss: ScoreLoss, pairs: list[tuple[float, float, bool]]) -> tuple[float, float]:
    cosines, scores, real = zip(*pairs, strict=True)
    found = tf.constant(cosines), tf.constant(scores, tf.float32), tf.constant(real)
    total, weight, _ = term_of(loss, *found)
    return float(total), float(weight)


@given(PAIRS, st.sampled_from([1.0, 20.0]))
def test_cosent_by_loops(pairs: list[tuple[float, float, bool]], scale: float) -> None:
    real = [(cosine, score) for cosine, score, real in pairs if real]
    terms = [math.exp(scale * (cj - ci)) for ci, si in real for cj, sj in real if si > sj]
    expected = (len(real) * math.log(1 + sum(terms)), len(real)) if terms else (0, 0)
    assert measured(CoSENT(scale=scale), pairs) == pytest.approx(expected, rel=1e-4, abs=1e-5)


@given(PAIRS)
def test_cosine_by_loops(pairs: list[tuple[float, float, bool]]) -> None:
    errors = [(cosine - (score - 1) / 3) ** 2 for cosine, score, real in pairs if real]
    assert measured(Cosine(low=1, high=4), pairs) == pytest.approx(
        (sum(errors), len(errors)), rel=1e-4, abs=1e-6
    )


@given(PAIRS)
def test_contrastive_by_loops(pairs: list[tuple[float, float, bool]]) -> None:
    found = []
    for cosine, score, real in pairs:
        distance = 1 - cosine
        if real:
            found.append((distance if score >= 3 else max(0.0, 0.7 - distance)) ** 2 / 2)
    expected = sum(found), len(found)
    assert measured(Contrastive(threshold=3, margin=0.7), pairs) == pytest.approx(
        expected, rel=1e-4, abs=1e-6
    )


@pytest.mark.parametrize("scale", [20.0, 100.0, 1000.0])
def test_cosent_is_stable_and_exact_at_any_scale(scale: float) -> None:
    """The worst order of two pairs: log(1 + e^(2 s)) = 2 s, beyond what e^(2 s) is in float32."""
    cosines = tf.constant([-1.0, 1.0])
    with tf.GradientTape() as tape:
        tape.watch(cosines)
        total, weight, _ = term_of(CoSENT(scale=scale), cosines, tf.constant([1.0, 0.0]), tf.fill([2], True))
        mean = total / weight
    assert float(mean) == pytest.approx(2 * scale)
    np.testing.assert_allclose(tape.gradient(mean, cosines), [-scale, scale], rtol=1e-6)


def test_cosent_asks_only_for_the_order_of_scores() -> None:
    cosines = [0.3, -0.2, 0.9, 0.4]
    plain = measured(CoSENT(), [(c, s, True) for c, s in zip(cosines, (0, 1, 3, 3), strict=True)])
    assert plain == measured(CoSENT(), [(c, s, True) for c, s in zip(cosines, (-9, 2, 70, 70), strict=True)])


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.type)
def test_gradients_are_those_of_finite_differences(loss: ScoreLoss) -> None:
    cosines = np.array([0.3, -0.2, 0.85, 0.4, 0.1])
    scores, real = tf.constant([0.0, 1.0, 5.0, 3.0, 2.0]), tf.constant([True] * 5)
    x = tf.constant(cosines, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        total = term_of(loss, x, scores, real).sum
    for i, slope in enumerate(tape.gradient(total, x).numpy()):
        step = np.eye(5)[i] * 1e-2
        there, back = (
            float(term_of(loss, tf.constant(at, tf.float32), scores, real).sum)
            for at in (cosines + step, cosines - step)
        )
        assert slope == pytest.approx((there - back) / 2e-2, rel=0.02, abs=0.01)


def test_equal_scores_are_no_loss_of_cosent_but_finite() -> None:
    cosines = tf.constant([0.3, 0.9])
    with tf.GradientTape() as tape:
        tape.watch(cosines)
        total, weight, _ = term_of(CoSENT(), cosines, tf.constant([2.0, 2.0]), tf.fill([2], True))
    assert (float(total), float(weight)) == (0, 0)
    assert not tape.gradient(total, cosines).numpy().any()
