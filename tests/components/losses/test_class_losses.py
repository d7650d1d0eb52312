"""Margin losses: values computed by hand in float64, identities, gradients."""

from __future__ import annotations

import math
from typing import Literal

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from nlpx.components.losses.a_softmax import ASoftmax
from nlpx.components.losses.am_softmax import AMSoftmax
from nlpx.components.losses.arcface import ArcFace
from nlpx.components.losses.class_loss import ClassLoss
from nlpx.components.losses.normalized_softmax import NormalizedSoftmax
from nlpx.components.losses.simpler_a_softmax import SimplerASoftmax
from nlpx.layers.unit import unit

COSINES = (0.8, 0.2, -0.5)
LOSSES = [NormalizedSoftmax(), AMSoftmax(), SimplerASoftmax(), ArcFace(), ASoftmax()]


def loss_of(loss: ClassLoss, cosines: tuple[float, ...], target: int) -> float:
    total, count, _ = loss.softmax(tf.constant([cosines]), tf.constant([target]), tf.constant([True]))
    assert float(count) == 1
    return float(total)


@pytest.mark.parametrize(
    ("margin", "target", "expected"), [(0.35, 0, 5.529315e-4), (0.0, 0, 1.522998e-8), (0.35, 1, 28.5)]
)
def test_f4_known_values(margin: float, target: int, expected: float) -> None:
    assert loss_of(AMSoftmax(margin=margin), COSINES, target) == pytest.approx(expected, rel=2e-6, abs=1e-6)


@pytest.mark.parametrize(("cosines", "expected"), [(COSINES, 31.296), ((0.5, 0.2, -0.5), 21.0)])
def test_f5_known_values(cosines: tuple[float, ...], expected: float) -> None:
    assert loss_of(SimplerASoftmax(), cosines, 0) == pytest.approx(expected, rel=2e-6, abs=1e-6)


@pytest.mark.parametrize(
    ("cosine", "expected"), [(0.9, -0.2312), (0.8, -0.8432), (0.5, -0.5), (0.0, 0.0), (-0.5, -0.5)]
)
def test_f5_the_simpler_angular_margin(cosine: float, expected: float) -> None:
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


@given(st.floats(0, math.pi), st.integers(1, 5))
def test_a_softmax_multiplies_the_angle_piece_by_piece(angle: float, margin: int) -> None:
    piece = min(math.floor(margin * angle / math.pi), margin - 1)
    expected = (-1) ** piece * math.cos(margin * angle) - 2 * piece
    found = float(ASoftmax(margin=margin).psi(tf.constant(math.cos(angle), tf.float32)))
    assert found == pytest.approx(expected, abs=1e-4)
    assert found <= math.cos(angle) + 1e-5
    if margin == 4 and angle < math.pi / 4:
        assert found == pytest.approx(float(SimplerASoftmax().psi(tf.constant(math.cos(angle)))), abs=1e-5)


@pytest.mark.parametrize("margin", [1, 2, 3, 4])
def test_a_softmax_falls_with_the_angle_without_a_jump(margin: int) -> None:
    cosines = np.cos(np.linspace(0, np.pi, 2001)).astype(np.float32)
    steps = np.diff(np.asarray(ASoftmax(margin=margin).psi(tf.constant(cosines))))
    assert steps.max() < 1e-6
    assert steps.min() > -margin * np.pi / 2000 - 1e-5
    ends = np.asarray(ASoftmax(margin=margin).psi(tf.constant([1.0, -1.0])))
    np.testing.assert_allclose(ends, [1, 1 - 2 * margin], atol=1e-5)


def test_without_margin_all_are_the_scaled_softmax() -> None:
    cosines = np.random.default_rng(0).uniform(-0.99, 0.99, (7, 5)).astype(np.float32)
    targets, real = np.arange(7) % 5, np.ones(7, bool)
    expected = tf.reduce_sum(tf.nn.sparse_softmax_cross_entropy_with_logits(targets, 30 * cosines))
    for loss in (NormalizedSoftmax(), AMSoftmax(margin=0), ArcFace(margin=0), ASoftmax(margin=1)):
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


def built(class_vectors: Literal["normalized", "constrained"]) -> NormalizedSoftmax:
    loss = NormalizedSoftmax(class_vectors=class_vectors)
    loss.build({"classes": 5, "width": 4})
    return loss


def test_normalized_class_vectors_give_cosines_whatever_their_lengths() -> None:
    loss = built("normalized")
    (kernel,) = loss.trainable_variables
    x = unit(np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32))
    before, value = loss.cosines(x).numpy(), kernel.numpy()
    np.testing.assert_allclose(before, x @ (value / np.linalg.norm(value, axis=0)), atol=1e-6)
    kernel.assign(value * np.array([1, 10, 0.1, 3, 7], np.float32))
    np.testing.assert_allclose(loss.cosines(x), before, atol=1e-6)


def test_constrained_class_vectors_are_used_as_they_are_and_normalized_after_an_update() -> None:
    loss = built("constrained")
    (kernel,) = loss.trainable_variables
    x, before = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32), kernel.numpy()
    np.testing.assert_allclose(loss.cosines(x), x @ before, atol=1e-6)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(loss.cosines(x) ** 3)
    gradient = tape.gradient(total, kernel.value).numpy()
    keras.optimizers.SGD(0.5).apply([tf.constant(gradient)], [kernel])
    moved = before - 0.5 * gradient
    np.testing.assert_allclose(kernel.numpy(), moved / np.linalg.norm(moved, axis=0), rtol=1e-4, atol=1e-6)


def test_class_vectors_are_float32_under_every_policy() -> None:
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        loss = built("normalized")
    finally:
        keras.config.set_dtype_policy(policy)
    assert loss.cosines(np.ones((2, 4), np.float32)).dtype == loss.variables[0].dtype == "float32"
