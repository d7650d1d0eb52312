"""Margin losses: values computed by hand in float64, identities, gradients."""

from __future__ import annotations

import math

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from nlpx.components.losses.am_softmax import AMSoftmax
from nlpx.components.losses.arcface import ArcFace
from nlpx.components.losses.class_loss import ClassLoss
from nlpx.components.losses.normalized_softmax import NormalizedSoftmax
from nlpx.components.losses.simpler_a_softmax import SimplerASoftmax

COSINES = (0.8, 0.2, -0.5)
LOSSES = [NormalizedSoftmax(), AMSoftmax(), SimplerASoftmax(), ArcFace()]


def loss_of(loss: ClassLoss, cosines: tuple[float, ...], target: int) -> float:
    total, count, _ = loss.softmax(tf.constant([cosines]), tf.constant([target]), tf.constant([True]))
    assert float(count) == 1
    return float(total)


@pytest.mark.parametrize(
    ("loss", "cosines", "target", "expected"),
    [
        (AMSoftmax(margin=0.35), COSINES, 0, 5.529315e-4),
        (AMSoftmax(margin=0.0), COSINES, 0, 1.522998e-8),
        (AMSoftmax(margin=0.35), COSINES, 1, 28.5),
        (SimplerASoftmax(), COSINES, 0, 31.296),
        (SimplerASoftmax(), (0.5, 0.2, -0.5), 0, 21.0),
    ],
)
def test_known_values(loss: ClassLoss, cosines: tuple[float, ...], target: int, expected: float) -> None:
    assert loss_of(loss, cosines, target) == pytest.approx(expected, rel=2e-6, abs=1e-6)


@pytest.mark.parametrize(
    ("cosine", "expected"), [(0.9, -0.2312), (0.8, -0.8432), (0.5, -0.5), (0.0, 0.0), (-0.5, -0.5)]
)
def test_the_simpler_angular_margin(cosine: float, expected: float) -> None:
    assert float(SimplerASoftmax().psi(tf.constant(cosine))) == pytest.approx(expected, abs=1e-6)


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=6), st.integers(0, 5), st.floats(0, 0.9))
def test_the_definition_in_float64(cosines: list[float], target: int, margin: float) -> None:
    target %= len(cosines)
    logits = 30 * np.array(cosines)
    logits[target] -= 30 * margin
    expected = np.log(np.exp(logits - logits.max()).sum()) - logits[target] + logits.max()
    assert loss_of(AMSoftmax(margin=margin), tuple(cosines), target) == pytest.approx(
        expected, rel=1e-4, abs=2e-5
    )


@given(st.floats(-1, 1), st.floats(0, 1.57))
def test_arcface_turns_by_an_angle_and_falls_on_behind_it(cosine: float, margin: float) -> None:
    found = float(ArcFace(margin=margin).psi(tf.constant(cosine, tf.float32)))
    angle = math.acos(cosine) + margin
    expected = math.cos(angle) if angle < math.pi else cosine - margin * math.sin(margin)
    if abs(angle - math.pi) > 1e-3:
        assert found == pytest.approx(expected, abs=2e-3)
    assert found <= cosine + 1e-5


def test_without_margin_all_are_the_scaled_softmax() -> None:
    cosines = np.random.default_rng(0).uniform(-0.99, 0.99, (7, 5)).astype(np.float32)
    targets, real = np.arange(7) % 5, np.ones(7, bool)
    expected = tf.reduce_sum(tf.nn.sparse_softmax_cross_entropy_with_logits(targets, 30 * cosines))
    for loss in (NormalizedSoftmax(), AMSoftmax(margin=0), ArcFace(margin=0)):
        np.testing.assert_allclose(loss.softmax(cosines, targets, real).sum, expected, rtol=1e-5)


@pytest.mark.parametrize("kind", [AMSoftmax, ArcFace])
def test_a_greater_margin_gives_a_greater_loss(kind: type[AMSoftmax] | type[ArcFace]) -> None:
    losses = [loss_of(kind(margin=margin), (0.3, 0.2, -0.5), 0) for margin in (0.0, 0.1, 0.2, 0.35, 0.5)]
    assert losses == sorted(losses)
    assert len(set(losses)) == len(losses)


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
def test_finite_everywhere_and_missing_rows_do_not_count(loss: ClassLoss) -> None:
    values = [-1.0, -0.999999, -0.5, 0.0, 0.5, 0.999999, 1.0]
    cosines = tf.constant([[own, other] for own in values for other in values])
    targets, real = tf.zeros(len(cosines), tf.int32), tf.range(len(cosines)) % 2 == 0
    with tf.GradientTape() as tape:
        tape.watch(cosines)
        total, count, _ = loss.softmax(cosines, targets, real)
    gradient = tape.gradient(total, cosines).numpy()
    assert np.isfinite(total) and np.isfinite(gradient).all()
    assert float(total) >= 0
    assert float(count) == np.sum(real)
    assert not gradient[~real.numpy()].any()
    kept = loss.softmax(cosines[::2], targets[::2], real[::2])
    np.testing.assert_allclose(total, kept.sum, rtol=1e-5)
