"""Schedules against their closed forms."""

from __future__ import annotations

import math

import keras
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from nlpx.components.optimizers.sgd import SGD
from nlpx.components.schedules.base import Schedule
from nlpx.components.schedules.constant import Constant
from nlpx.components.schedules.cosine import Cosine
from nlpx.components.schedules.exponential import Exponential
from nlpx.components.schedules.falling import Falling
from nlpx.components.schedules.linear import Linear

PEAK = 0.002


def rate(schedule: Schedule, step: int, total: int | None = None) -> float:
    return float(SGD(learning_rate=PEAK, schedule=schedule).rate(tf.constant(step, tf.int64), total))


@given(warmup=st.integers(0, 50), step=st.integers(0, 200))
def test_every_schedule_rises_linearly_to_the_peak(warmup: int, step: int) -> None:
    for kind in (Constant, Linear, Cosine, Exponential):
        schedule = kind(warmup_steps=warmup)
        assert rate(schedule, warmup, 300) == pytest.approx(PEAK, rel=1e-6)
        if step < warmup:
            assert rate(schedule, step, 300) == pytest.approx(PEAK * (step + 1) / (warmup + 1), rel=1e-6)
    assert rate(Constant(warmup_steps=warmup), warmup + step) == pytest.approx(PEAK, rel=1e-6)


@given(warmup=st.integers(0, 20), decay=st.integers(1, 100), step=st.integers(0, 200), final=st.floats(0, 1))
def test_falling_schedules(warmup: int, decay: int, step: int, final: float) -> None:
    share = min(step / decay, 1)
    linear = Linear(warmup_steps=warmup, decay_steps=decay, final=final)
    assert rate(linear, warmup + step, 5) == pytest.approx(
        PEAK * (1 - (1 - final) * share), rel=1e-4, abs=1e-9
    )
    cosine = Cosine(warmup_steps=warmup, decay_steps=decay, final=final)
    expected = PEAK * (final + (1 - final) * (1 + math.cos(math.pi * share)) / 2)
    assert rate(cosine, warmup + step) == pytest.approx(expected, rel=1e-4, abs=1e-9)


@pytest.mark.parametrize("kind", [Linear, Cosine])
def test_without_decay_steps_the_last_step_of_the_run_has_the_final_rate(kind: type[Falling]) -> None:
    schedule = kind.model_validate({"type": kind.type_name(), "warmup_steps": 10, "final": 0.25})
    assert rate(schedule, 39, 40) == pytest.approx(PEAK * 0.25, rel=1e-6)
    assert rate(schedule, 38, 40) > PEAK * 0.25 + 1e-7
    to_zero = schedule.model_copy(update={"final": 0.0})
    assert rate(to_zero, 4, 5) == pytest.approx(PEAK * 5 / 11)  # the run ends while it warms up
    with pytest.raises(ValueError, match="decay_steps"):
        SGD(schedule=schedule).build(None)


def test_exponential() -> None:
    schedule = Exponential(warmup_steps=3, factor=0.5, every=4)
    assert rate(schedule, 3 + 6) == pytest.approx(PEAK * 0.5**1.5, rel=1e-6)


def test_updates_that_were_left_out_count_for_the_schedule() -> None:
    left_out = keras.Variable(0, dtype="int32")
    optimizer = SGD(learning_rate=PEAK, schedule=Linear()).build(40, left_out)
    left_out.assign(5)
    for step in (0, 7, 34):
        optimizer.iterations.assign(step)
        assert float(optimizer.learning_rate) == pytest.approx(rate(Linear(), step + 5, 40), rel=1e-6)
