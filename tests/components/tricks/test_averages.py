"""Averages of weights against closed forms and sums by hand."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlpx.components.tricks.base import Course, Trick
from nlpx.components.tricks.ema import EMA
from nlpx.components.tricks.lookahead import Lookahead
from nlpx.components.tricks.swa import SWA
from tests.components.tricks.harness import Updates, weight


def test_f16_average_that_starts_from_the_weights() -> None:
    w = weight(1.0)
    updates = Updates([w], keras.optimizers.SGD(0.1), EMA(momentum=0.9, initial="weights"))
    assert float(updates.descend(10)[0]) == pytest.approx(0.3486784401, rel=1e-6)
    assert float(updates.evaluated()[0]) == pytest.approx(0.6973568802, rel=1e-6)


@settings(max_examples=15)
@given(momentum=st.sampled_from([0.0, 0.5, 0.99, 0.9999]), steps=st.integers(1, 30))
def test_average_is_the_weighted_mean_of_the_weights_seen(momentum: float, steps: int) -> None:
    ema, w = EMA(momentum=momentum), weight(1.0)
    ema.build([w])
    seen = 0.9 ** np.arange(1, steps + 1)
    for value in seen:
        w.assign(value)
        ema.update([w])
    shares = momentum ** np.arange(steps - 1, -1, -1.0)
    expected = np.sum(shares * seen) / shares.sum()
    assert float(ema.evaluation([np.zeros((), np.float32)])[0]) == pytest.approx(expected, rel=2e-5)


@settings(max_examples=15)
@given(momentum=st.sampled_from([0.0, 0.3, 0.9, 0.999]), steps=st.integers(1, 15))
@pytest.mark.parametrize("initial", ["zero", "weights"])
def test_momentum_rises(initial: str, momentum: float, steps: int) -> None:
    """Against the sums of shares that are made one by one."""
    ema = EMA.model_validate({"type": "ema", "momentum": momentum, "initial": initial, "warmup": True})
    w = weight(1.0)
    ema.build([w])
    mean, share = 1.0, 1.0 if initial == "weights" else 0.0
    for made in range(steps):
        w.assign(0.9 * w.value)
        ema.update([w])
        decay = min(momentum, (1 + made) / (10 + made))
        mean, share = decay * share * mean + (1 - decay) * 0.9 ** (made + 1), decay * share + 1 - decay
        mean /= share
    assert float(ema.evaluation([np.zeros((), np.float32)])[0]) == pytest.approx(mean, rel=1e-5)


def test_f17_lookahead() -> None:
    w = weight(1.0)
    updates = Updates([w], keras.optimizers.SGD(0.1), Lookahead(steps=5, alpha=0.5))
    assert float(updates.descend(10)[0]) == pytest.approx(0.6324146100, rel=1e-6)


def test_lookahead_evaluates_slow_weights_and_leaves_statistics() -> None:
    w, mean = weight([1.0, 2.0]), weight([5.0], "moving_mean", trainable=False)
    lookahead = Lookahead(steps=3, alpha=0.4)
    updates = Updates([w, mean], keras.optimizers.SGD(0.1, momentum=0.5), lookahead)
    slow = w.value.numpy().copy()
    for step in range(1, 8):
        mean.assign_add([1.0])
        fast = updates.descend(1)[0]
        if step % 3 == 0:
            slow = fast
        evaluated, statistics = updates.evaluated()
        np.testing.assert_array_equal(evaluated, slow)
        assert statistics.tolist() == [5.0 + step]
    assert len(lookahead.variables) == 2


@settings(max_examples=15)
@given(start=st.integers(0, 8), every=st.integers(1, 4), epochs=st.booleans())
def test_swa_is_the_mean_of_the_weights_that_count(start: int, every: int, epochs: bool) -> None:
    w, mean = weight(1.0), weight(3.0, "moving_mean", trainable=False)
    course = Course(updates_per_epoch=3)
    swa = SWA(start=f"{start} epochs" if epochs else start, every=every)
    updates = Updates([w, mean], keras.optimizers.SGD(0.1), swa, course=course)
    first = max(1, 3 * start if epochs else start)
    seen: list[list[float]] = []
    for step in range(1, 12):
        mean.assign_add(1.0)
        raw = [float(value) for value in updates.descend(1)]
        if step >= first and (step - first) % every == 0:
            seen.append(raw)
        found = [float(value) for value in updates.evaluated()]
        assert found == pytest.approx(np.mean(seen, axis=0) if seen else raw, rel=1e-6)


@pytest.mark.parametrize("trick", [SWA(), EMA(momentum=0.9999), EMA(initial="weights"), Lookahead(alpha=0.3)])
def test_a_constant_weight_is_its_own_average(trick: Trick) -> None:
    w = weight([0.3, -7.0])
    updates = Updates([w], keras.optimizers.SGD(0.1), trick)
    for _ in range(20):
        updates([0.0, 0.0])
    np.testing.assert_allclose(updates.evaluated()[0], [0.3, -7.0], rtol=2e-6)


@pytest.mark.parametrize("trick", [SWA(), EMA(), EMA(initial="weights", warmup=True)])
def test_before_the_first_update_evaluation_sees_the_weights(trick: Trick) -> None:
    assert Updates([weight(2.0)], keras.optimizers.SGD(0.1), trick).evaluated() == [2.0]
