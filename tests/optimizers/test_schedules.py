"""Schedules against their closed forms."""

from __future__ import annotations

import math

import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from nlpx.optimizers.schedules import Constant, Cosine, Exponential, Linear, Warmup
from nlpx.registry import builtin_registry, implementation

PEAK = 0.002


def rate(schedule: Warmup, step: int) -> float:
    return float(schedule(tf.constant(step, tf.int64)))


@given(warmup=st.integers(0, 50), step=st.integers(0, 200))
def test_every_schedule_rises_linearly_to_the_peak(warmup: int, step: int) -> None:
    for schedule in (
        Constant(PEAK, 300, warmup),
        Linear(PEAK, 300, warmup),
        Cosine(PEAK, 300, warmup),
        Exponential(PEAK, 300, warmup),
    ):
        assert rate(schedule, warmup) == pytest.approx(PEAK, rel=1e-6)
        if step < warmup:
            assert rate(schedule, step) == pytest.approx(PEAK * (step + 1) / (warmup + 1), rel=1e-6)
    assert rate(Constant(PEAK, None, warmup), warmup + step) == pytest.approx(PEAK, rel=1e-6)


@given(warmup=st.integers(0, 20), decay=st.integers(1, 100), step=st.integers(0, 200), final=st.floats(0, 1))
def test_falling_schedules(warmup: int, decay: int, step: int, final: float) -> None:
    share = min(step / decay, 1)
    linear = Linear(PEAK, 5, warmup, decay_steps=decay, final=final)
    assert rate(linear, warmup + step) == pytest.approx(PEAK * (1 - (1 - final) * share), rel=1e-4, abs=1e-9)
    cosine = Cosine(PEAK, None, warmup, decay_steps=decay, final=final)
    expected = PEAK * (final + (1 - final) * (1 + math.cos(math.pi * share)) / 2)
    assert rate(cosine, warmup + step) == pytest.approx(expected, rel=1e-4, abs=1e-9)


@pytest.mark.parametrize("kind", [Linear, Cosine])
def test_without_decay_steps_the_last_step_of_the_run_has_the_final_rate(kind: type[Linear]) -> None:
    schedule = kind(PEAK, 40, 10, final=0.25)
    assert rate(schedule, 39) == pytest.approx(PEAK * 0.25, rel=1e-6)
    assert rate(schedule, 38) > PEAK * 0.25 + 1e-7
    assert rate(kind(PEAK, 5, 10), 4) == pytest.approx(PEAK * 5 / 11)  # the run ends while it warms up
    with pytest.raises(ValueError, match="decay_steps"):
        kind(PEAK)


def test_exponential() -> None:
    schedule = Exponential(PEAK, None, warmup_steps=3, factor=0.5, every=4)
    assert rate(schedule, 3 + 6) == pytest.approx(PEAK * 0.5**1.5, rel=1e-6)


@pytest.mark.parametrize("name", ["constant", "linear", "cosine", "exponential"])
def test_config_round_trip_and_spec(name: str) -> None:
    spec = builtin_registry().find("schedule", name).spec
    options = spec.model_validate({"type": name, "warmup_steps": 2}).options()
    schedule = implementation(spec)(peak=PEAK, total_updates=30, **options)
    again = type(schedule).from_config(schedule.get_config())
    assert [rate(again, step) for step in range(40)] == [rate(schedule, step) for step in range(40)]
