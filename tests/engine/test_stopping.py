"""Ranking and early stopping."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.engine.state import Progress
from nlpx.engine.stopping import Monitor
from nlpx.errors import ConfigError
from tests.engine.toy import DIRECTIONS, toy_experiment


def made(early_stopping: dict[str, float] | None = None, /, **checkpoint: object) -> Monitor:
    experiment = toy_experiment(checkpoint=checkpoint, train={"early_stopping": early_stopping})
    return Monitor(experiment.checkpoint, experiment.train.early_stopping, DIRECTIONS)


def judged(values: list[float], monitor: Monitor) -> tuple[Progress, list[bool], list[bool]]:
    progress, improved, exhausted = Progress(), [], []
    for step, value in enumerate(values, start=1):
        progress.step, progress.metrics = step, {"valid/nll": value}
        improved.append(monitor.judge(progress))
        exhausted.append(monitor.exhausted(progress))
    return progress, improved, exhausted


@given(st.lists(st.sampled_from([1.0, 2.0, 3.0, 4.0, math.nan]), max_size=12), st.integers(1, 4))
def test_table_holds_the_best_and_the_earlier_of_equals(values: list[float], keep: int) -> None:
    for mode, sign in (("min", 1), ("max", -1)):
        monitor = made(keep_best=keep, mode=mode)
        progress, improved, _ = judged(values, monitor)
        finite = [(step, value) for step, value in enumerate(values, start=1) if not math.isnan(value)]
        assert progress.best == sorted(finite, key=lambda entry: (sign * entry[1], entry[0]))[:keep]
        for i, value in enumerate(values):
            before = [other for other in values[:i] if not math.isnan(other)]
            best = not math.isnan(value) and all(sign * value < sign * other for other in before)
            assert improved[i] == best


def test_early_stopping_waits_for_patience_evaluations() -> None:
    monitor = made({"patience": 2})
    _, _, exhausted = judged([3.0, 2.0, 2.0, 1.5, 1.6, math.nan], monitor)
    assert exhausted == [False, False, False, False, False, True]


def test_slow_progress_counts_once_it_adds_up_to_min_delta() -> None:
    monitor = made({"patience": 2, "min_delta": 0.5}, mode="max")
    progress, improved, exhausted = judged([1.0, 1.3, 1.6, 1.7, 1.8], monitor)
    assert improved == [True] * 5
    assert exhausted == [False, False, False, False, True]
    assert progress.reference == 1.6


def test_without_early_stopping_nothing_is_exhausted() -> None:
    assert not any(judged([1.0] * 30, made())[2])


def test_a_monitor_that_is_not_measured_is_explained() -> None:
    monitor = made(monitor="valid/bleu", mode="max")
    with pytest.raises(ConfigError, match=r"no 'valid/bleu'; expected one of valid/nll"):
        judged([1.0], monitor)


def test_the_direction_is_that_of_the_metric_unless_the_config_says() -> None:
    assert made()._sign == 1.0
    assert made(monitor="valid/accuracy")._sign == made(mode="max")._sign == -1.0
    with pytest.raises(
        ConfigError, match=r"no metric gives 'valid/bleu'; expected one of valid/accuracy, valid/nll"
    ):
        made(monitor="valid/bleu")
