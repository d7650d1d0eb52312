"""Schedules against their closed forms."""

from __future__ import annotations

import math

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from nlpx.components.optimizers.sgd import SGD
from nlpx.components.schedules.base import Schedule
from nlpx.components.schedules.constant import Constant
from nlpx.components.schedules.cosine import Cosine
from nlpx.components.schedules.cosine_restarts import CosineRestarts
from nlpx.components.schedules.exponential import Exponential
from nlpx.components.schedules.falling import Falling
from nlpx.components.schedules.inverse_square_root import InverseSquareRoot
from nlpx.components.schedules.linear import Linear
from nlpx.components.schedules.one_cycle import OneCycle
from nlpx.components.schedules.piecewise_constant import PiecewiseConstant
from nlpx.components.schedules.piecewise_linear import PiecewiseLinear
from nlpx.components.schedules.polynomial import Polynomial
from nlpx.core.component import builtin_registry

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


def share(schedule: Schedule, step: int, total: int | None = None) -> float:
    return float(schedule.share(tf.constant(float(step)), total))


@given(decay=st.integers(1, 100), step=st.integers(0, 200), final=st.floats(0, 1), power=st.floats(0.25, 4))
def test_polynomial(decay: int, step: int, final: float, power: float) -> None:
    schedule = Polynomial(decay_steps=decay, final=final, power=power)
    keras_schedule = keras.optimizers.schedules.PolynomialDecay(1.0, decay, final, power)
    assert share(schedule, step) == pytest.approx(float(keras_schedule(step)), rel=1e-4, abs=1e-6)


@given(
    first=st.integers(1, 50),
    longer=st.sampled_from([1.0, 1.5, 2.0, 3.0]),
    lower=st.sampled_from([1.0, 0.5]),
    final=st.floats(0, 1),
    step=st.integers(0, 1000),
)
def test_cosine_restarts(first: int, longer: float, lower: float, final: float, step: int) -> None:
    period, begin, length = 0, 0.0, float(first)
    while step >= begin + length * (1 - 1e-6):
        period, begin, length = period + 1, begin + length, length * longer
    phase = max(0.0, step - begin) / length
    expected = final + (1 - final) * lower**period * (1 + math.cos(math.pi * phase)) / 2
    schedule = CosineRestarts(first_steps=first, longer=longer, lower=lower, final=final)
    assert share(schedule, step) == pytest.approx(expected, rel=1e-3, abs=1e-3)


def test_cosine_restarts_is_that_of_keras_within_periods() -> None:
    schedule = CosineRestarts(first_steps=10, longer=2.0, lower=0.5, final=0.1)
    keras_schedule = keras.optimizers.schedules.CosineDecayRestarts(1.0, 10, 2.0, 0.5, 0.1)
    for step in (0, 5, 9, 11, 20, 29, 31, 50, 69, 71):
        assert share(schedule, step) == pytest.approx(float(keras_schedule(step)), rel=1e-4)
    for step, peak in ((10, 0.5), (30, 0.25), (70, 0.125)):
        assert share(schedule, step) == pytest.approx(0.1 + 0.9 * peak, rel=1e-5)


@given(warmup=st.integers(0, 50), step=st.integers(0, 500))
def test_inverse_square_root_is_that_of_the_transformer(warmup: int, step: int) -> None:
    n, t = step + 1, warmup + 1
    expected = math.sqrt(t) * min(n**-0.5, n * t**-1.5)
    assert share(InverseSquareRoot(warmup_steps=warmup), step) == pytest.approx(expected, rel=1e-5)
    assert share(InverseSquareRoot(timescale=t), 3 * t) == pytest.approx(0.5, rel=1e-5)


@given(total=st.integers(2, 200), rise=st.floats(0.05, 0.95), start=st.floats(0.01, 1), final=st.floats(0, 1))
def test_one_cycle(total: int, rise: float, start: float, final: float) -> None:
    schedule = OneCycle(rise=rise, start=start, final=final)
    assert share(schedule, 0, total) == pytest.approx(start, rel=1e-5)
    assert share(schedule, total - 1, total) == pytest.approx(final, rel=1e-4, abs=1e-6)
    at = np.arange(total) / (total - 1)
    up = start + (1 - start) * np.sin(math.pi * at / rise / 2) ** 2
    down = final + (1 - final) * np.cos(math.pi * (at - rise) / (1 - rise) / 2) ** 2
    shares = schedule.share(tf.range(total, dtype=tf.float32), total)
    away = abs(at - rise) > 1e-5
    np.testing.assert_allclose(shares[away], np.where(at < rise, up, down)[away], rtol=1e-3, atol=1e-4)


def test_one_cycle_has_a_warm_up_of_its_own() -> None:
    with pytest.raises(ValidationError, match="a warm-up of its own"):
        OneCycle(warmup_steps=1)


def test_piecewise_constant() -> None:
    """The values of kexue.fm archive 5765 for 100 updates: 1e-2 in the first 50, 1e-3 to 80, then 1e-4."""
    by_updates = PiecewiseConstant(boundaries=[50, 80], values=[1.0, 0.1, 0.01])
    by_share = PiecewiseConstant(boundaries=[0.5, 0.8], values=[1.0, 0.1, 0.01])
    keras_schedule = keras.optimizers.schedules.PiecewiseConstantDecay([49, 79], [1.0, 0.1, 0.01])
    for step in (0, 49, 50, 79, 80, 99):
        expected = 1.0 if step < 50 else 0.1 if step < 80 else 0.01
        assert share(by_updates, step) == pytest.approx(expected)
        assert share(by_share, step, 100) == pytest.approx(expected)
        assert float(keras_schedule(step)) == pytest.approx(expected)
    warmed = PiecewiseConstant(boundaries=[50, 80], values=[1.0, 0.1, 0.01], warmup_steps=9)
    assert [share(warmed, step) for step in (4, 9, 49, 50)] == pytest.approx([0.5, 1.0, 1.0, 0.1])


@given(
    boundaries=st.lists(st.integers(0, 100), min_size=1, max_size=4, unique=True).map(sorted),
    values=st.lists(st.floats(0, 2), min_size=4, max_size=4),
    step=st.integers(0, 120),
)
def test_piecewise_linear(boundaries: list[int | float], values: list[float], step: int) -> None:
    values = values[: len(boundaries)]
    expected = np.interp(step, boundaries, values)
    schedule = PiecewiseLinear(boundaries=boundaries, values=values)
    assert share(schedule, step) == pytest.approx(expected, rel=1e-4, abs=1e-5)
    if boundaries[0] > 0 and boundaries[-1] <= 100:
        shares: list[int | float] = [boundary / 100 for boundary in boundaries]
        by_share = PiecewiseLinear(boundaries=shares, values=values)
        assert share(by_share, step, 101) == pytest.approx(expected, rel=1e-3, abs=1e-4)


@pytest.mark.parametrize(
    ("boundaries", "values", "message"),
    [
        ([1, 2], [1.0, 0.5], "2 boundaries need 3 values, and there are 2"),
        ([2, 2], [1.0, 0.5, 0.1], "do not increase"),
        ([1, 0.5], [1.0, 0.5, 0.1], "some are shares of the run"),
    ],
)
def test_pieces_that_do_not_fit(boundaries: list[int | float], values: list[float], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        PiecewiseConstant(boundaries=boundaries, values=values)
    with pytest.raises(ValueError, match="length of the run"):
        share(PiecewiseLinear(boundaries=[0.5], values=[1.0]), 3)


@given(data=st.data())
def test_values_are_within_the_range(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(builtin_registry().names("schedule")))
    component = builtin_registry().find("schedule", name).component
    pieces = {"boundaries": [3, 9], "values": [0.5, 1.5] + [0.1] * (name == "piecewise_constant")}
    schedule = component.model_validate({"type": name, **(pieces if "piecewise" in name else {})})
    assert isinstance(schedule, Schedule)
    least, greatest = schedule.bounds
    value = share(schedule, data.draw(st.integers(0, 99)), 100)
    assert least - 1e-6 <= value <= greatest + 1e-6
