"""Intervals are those of drawing rows again, computed by another way."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from nlpx.components.metrics.auc import AUC
from nlpx.components.metrics.base import Metric
from nlpx.components.metrics.bleu import BLEU
from nlpx.components.metrics.calibration import Calibration
from nlpx.components.metrics.class_accuracy import ClassAccuracy
from nlpx.components.metrics.class_f1 import ClassF1
from nlpx.components.metrics.confusion import Confusion
from nlpx.components.metrics.correlation import Correlation
from nlpx.components.metrics.distinct import Distinct
from nlpx.components.metrics.frechet_distance import FrechetDistance
from nlpx.components.metrics.nll import NLL
from nlpx.components.metrics.rouge import Rouge
from nlpx.components.metrics.sliced_wasserstein import SlicedWasserstein
from nlpx.inference.intervals import DRAWS, FEWEST, LEAST, Estimate, estimates

RANDOM = np.random.default_rng(7)


def _rows(count: int) -> list[Any]:
    """Rows with everything that the metrics below read."""
    rows = []
    for _ in range(count):
        sizes = RANDOM.integers(4, 9, 2)
        reference, predicted = ("".join(RANDOM.choice([*"春秋山水月"], size)) for size in sizes)
        p = float(RANDOM.uniform(0.01, 0.99))
        row = SimpleNamespace(
            nll=float(RANDOM.exponential(3)),
            characters=len(reference),
            reference_text=reference,
            predicted_text=predicted,
            reference_class="a" if RANDOM.uniform() < 0.4 else "b",
            predicted_class="a" if p > 0.5 else "b",
            reference_rank=1,
            class_probabilities={"a": p, "b": 1 - p},
            score=float(RANDOM.integers(0, 3)),  # with ties
            predicted_score=round(p, 1),
            real_vector=tuple(RANDOM.normal(size=3)),
            generated_vector=tuple(RANDOM.normal(1, 2, size=3)),
        )
        rows.append(row)
    return rows


@pytest.mark.parametrize(
    "metric",
    [
        *(NLL(), Rouge(), BLEU(), ClassF1(), ClassAccuracy(), Calibration(), Confusion(), AUC(), Distinct()),
        *(Correlation(), FrechetDistance(), SlicedWasserstein(projections=3)),
    ],
)
def test_values_are_those_of_the_metric_itself(metric: Metric) -> None:
    rows = _rows(60)
    own = metric.fresh()
    for row in rows:
        own.update(row)
    found = estimates([metric], rows)
    assert {name: estimate.value for name, estimate in found.items()} == pytest.approx(own.result())
    assert own.result()


@pytest.mark.parametrize("metric", [NLL(), BLEU(), Calibration(), AUC(), Correlation()])
def test_a_draw_is_the_metric_of_the_drawn_rows(metric: Metric) -> None:
    rows = _rows(FEWEST)
    found = estimates([metric], rows)
    # The same draws, made one by one.
    random = np.random.default_rng(len(rows))
    places = random.integers(0, len(rows), (DRAWS, len(rows)))
    for draw in (0, 1, DRAWS - 1):
        own = metric.fresh()
        for place in places[draw]:
            own.update(rows[place])
        for name, value in own.result().items():
            assert found[name].draws[draw] == pytest.approx(value)


def test_the_interval_of_a_mean_is_that_of_the_normal_distribution() -> None:
    rows = _rows(400)
    for row in rows:
        row.characters = 1
    nll = np.array([row.nll for row in rows])
    estimate = estimates([NLL()], rows)["nll"]
    half = 1.96 * nll.std() / math.sqrt(len(nll))
    assert (estimate.low, estimate.high) == pytest.approx(
        (nll.mean() - half, nll.mean() + half), abs=0.15 * half
    )


def test_subsets_have_estimates_of_their_own() -> None:
    rows = _rows(80)
    few = np.arange(80) < FEWEST - 1
    found = estimates([NLL()], rows, {"first": np.arange(80) < 40, "few": few})
    assert found["first/nll"].value == pytest.approx(estimates([NLL()], rows[:40])["nll"].value)
    assert found["first/nll"].high - found["first/nll"].low > found["nll"].high - found["nll"].low
    assert not any(name.startswith("few/") for name in found)


def test_two_runs_on_the_same_rows_are_drawn_together() -> None:
    rows = _rows(300)
    better: list[Any] = [
        SimpleNamespace(**{**vars(row), "nll": row.nll - 0.1 * row.characters}) for row in rows
    ]
    one, other = (estimates([NLL()], each)["nll"] for each in (rows, better))
    difference = one.minus(other)
    assert (difference.low, difference.high) == pytest.approx((0.1, 0.1))
    assert one.high > other.low > 0 and one.low < other.high  # neither interval alone shows it


def test_values_that_predictions_files_lack_are_left_out() -> None:
    rows: list[Any] = [SimpleNamespace(nll=1.0, characters=1) for _ in range(50)]
    assert {*estimates([NLL(), Rouge()], rows)} == {"nll", "perplexity"}


def test_very_many_rows_are_drawn_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nlpx.inference.intervals.WORK", 1000)
    monkeypatch.setattr("nlpx.inference.intervals.AT_ONCE", 130)
    assert len(estimates([NLL()], _rows(50))["nll"].draws) == LEAST


def test_draws_without_a_value_do_not_count() -> None:
    estimate = Estimate.of(1.0, np.array([np.nan, 1.0, 3.0]))
    assert (estimate.low, estimate.high) == pytest.approx((1.05, 2.95))
    assert math.isnan(Estimate.of(1.0, np.array([np.nan])).low)
