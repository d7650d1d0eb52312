"""Intervals of metrics that are no sums over rows, against SciPy, closed forms and simulation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.stats import bootstrap, mannwhitneyu, pearsonr, spearmanr

from nlpx.components.metrics.auc import AUC
from nlpx.components.metrics.base import Metric
from nlpx.components.metrics.correlation import Correlation
from nlpx.components.metrics.distinct import Distinct
from nlpx.components.metrics.frechet_distance import FrechetDistance
from nlpx.components.metrics.mode_coverage import ModeCoverage
from nlpx.components.metrics.resampled import RowValues
from nlpx.components.metrics.retrieval import Retrieval
from nlpx.components.metrics.sliced_wasserstein import SlicedWasserstein
from nlpx.inference.intervals import estimates
from nlpx.text.points import Points
from tests.components.metrics.measuring import counted, measure
from tests.components.metrics.test_every_metric import FITTING


def _vectors(real: np.ndarray, generated: np.ndarray) -> list[Any]:
    return [
        SimpleNamespace(real_vector=tuple(a), generated_vector=tuple(b), mode="x")
        for a, b in zip(real, generated, strict=True)
    ]


def _rows_of(metric: Metric, examples: Sequence[Any]) -> dict[str, np.ndarray]:
    found = counted(metric, examples).resampled()
    assert isinstance(found, RowValues)
    return dict(found.by_name)


@pytest.mark.parametrize("number", [2, 3])
def test_auc_is_drawn_like_scipy_does(number: int) -> None:
    """The percentile bootstrap of SciPy, with areas that are counted from pairs."""
    random = np.random.default_rng(number)
    rows = 120
    labels = random.integers(0, number, rows)
    p = random.dirichlet(np.ones(number), rows) + np.eye(number)[labels] * 0.4
    p = np.round(p / p.sum(1, keepdims=True), 1)  # with ties

    def area(own: np.ndarray, scores: np.ndarray) -> float:
        won = mannwhitneyu(scores[own], scores[~own]).statistic
        return float(won / own.sum() / (~own).sum())

    def mean(chosen: np.ndarray) -> float:
        return float(np.mean([area(labels[chosen] == k, p[chosen, k]) for k in range(number)]))

    examples: list[Any] = [
        SimpleNamespace(reference_class=str(k), class_probabilities={str(j): q for j, q in enumerate(row)})
        for k, row in zip(labels, p.tolist(), strict=True)
    ]
    found = estimates([AUC()], examples)["auc"]
    theirs = bootstrap(
        (np.arange(rows),), mean, n_resamples=250, vectorized=False, method="percentile", rng=1
    ).confidence_interval
    assert found.value == pytest.approx(mean(np.arange(rows)))
    width = found.high - found.low
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), abs=0.2 * width)
    assert found.low < found.value < found.high


def test_correlations_are_drawn_like_scipy_does() -> None:
    random = np.random.default_rng(3)
    scores = random.integers(0, 6, 150).astype(float)
    predicted = np.round(scores / 6 + random.normal(0, 0.4, 150), 1)
    examples: list[Any] = [
        SimpleNamespace(score=a, predicted_score=b) for a, b in zip(scores, predicted, strict=True)
    ]
    found = estimates([Correlation()], examples)
    for name, measure_of in (("spearman", spearmanr), ("pearson", pearsonr)):
        theirs = bootstrap(
            (scores, predicted),
            lambda x, y, of=measure_of: of(x, y).statistic,
            n_resamples=400,
            paired=True,
            vectorized=False,
            method="percentile",
            rng=1,
        ).confidence_interval
        width = found[name].high - found[name].low
        assert (found[name].low, found[name].high) == pytest.approx(
            (theirs.low, theirs.high), abs=0.15 * width
        )


def test_leaving_out_a_row_is_leaving_it_out() -> None:
    random = np.random.default_rng(0)
    texts = ["".join(random.choice([*"春秋山水月花"], size)) for size in random.integers(1, 7, 12)]
    examples: list[Any] = [SimpleNamespace(predicted_text=text) for text in texts]
    value = measure(Distinct(), examples)
    columns = _rows_of(Distinct(), examples)
    for name, column in columns.items():
        without = np.array(
            [measure(Distinct(), examples[:row] + examples[row + 1 :])[name] for row in range(len(texts))]
        )
        assert column.mean() == pytest.approx(value[name])
        # Differences of what rows contribute are those of the values without them.
        assert np.diff(column) == pytest.approx(-(len(texts) - 1) * np.diff(without))


def test_intervals_of_distinct_cover_the_expected_value() -> None:
    """Texts of frequent and rare characters; the value that is expected of 100 texts is known by simulation.

    Of rows that are drawn with replacement, a fifth of the rare characters is missing, so that the
    intervals of the bootstrap are far below.
    """
    random = np.random.default_rng(5)
    weights = 1 / np.arange(1, 600)
    weights /= weights.sum()

    def split() -> list[Any]:
        codes = random.choice(len(weights), (100, 5), p=weights) + 0x4E00
        return [SimpleNamespace(predicted_text="".join(map(chr, row))) for row in codes]

    expected = np.mean([measure(Distinct(), split())["distinct_1"] for _ in range(200)])
    found = [estimates([Distinct()], split(), draws=200)["distinct_1"] for _ in range(60)]
    covered = np.mean([each.low <= expected <= each.high for each in found])
    assert 0.88 <= covered <= 1
    assert all(each.low < each.value < each.high for each in found)


def test_queries_are_drawn_by_group() -> None:
    """Ranks among all sentences, and groups that are drawn whole: counted by hand for every draw."""
    random = np.random.default_rng(2)
    groups = [str(number) for number in random.integers(0, 20, 60)] + ["alone"]
    vectors = random.normal(size=(61, 4)).astype(np.float32)
    examples: list[Any] = [
        SimpleNamespace(ranking=(Points.of_dense(vector[None]), group))
        for vector, group in zip(vectors, groups, strict=True)
    ]
    found = estimates([Retrieval()], examples, draws=300)
    assert {name: each.value for name, each in found.items()} == pytest.approx(measure(Retrieval(), examples))
    ranks = []
    for i, group in enumerate(groups):
        scores = vectors @ vectors[i]
        same = np.array([other == group for other in groups])
        own = [scores[j] for j in np.flatnonzero(same) if j != i]
        ranks.append(1 + (scores[~same] >= max(own)).sum() if own else None)
    names = sorted({*groups})
    drawn = np.random.default_rng(len(names)).integers(0, len(names), (300, len(names)))
    for draw in (0, 1, 299):
        asked = [
            1 / rank
            for place in drawn[draw]
            for rank, group in zip(ranks, groups, strict=True)
            if group == names[place] and rank is not None
        ]
        assert found["mrr"].draws[draw] == pytest.approx(np.mean(asked))


def test_groups_of_equal_queries_count_once() -> None:
    """Ten equal queries of each of 30 groups say as much as one: the interval is that of 30 values."""
    random = np.random.default_rng(4)
    right = random.uniform(size=30) < 0.5
    values = RowValues({"hit": np.repeat(right, 10).astype(float)}, np.repeat(np.arange(30), 10))
    rows: list[Any] = [SimpleNamespace(unwritten=frozenset())] * 300
    found = estimates([], rows, stored={"": [values]})["hit"]
    half = 1.96 * np.sqrt(right.mean() * (1 - right.mean()) / 30)
    assert (found.high - found.low) / 2 == pytest.approx(half, rel=0.15)


def test_the_influence_on_wasserstein_is_its_derivative() -> None:
    """Where all generated numbers are above all real ones, W1 is the difference of the means."""
    random = np.random.default_rng(0)
    real, generated = random.uniform(size=(300, 1)), random.gamma(2, size=(300, 1)) + 1
    examples = _vectors(real, generated)
    (column,) = _rows_of(SlicedWasserstein(projections=3), examples).values()
    assert column == pytest.approx((generated - real)[:, 0])
    found = estimates([SlicedWasserstein(projections=3)], examples)["sliced_wasserstein"]
    half = 1.96 * np.sqrt((real.var() + generated.var()) / 300)
    assert (found.high - found.low) / 2 == pytest.approx(
        1.96 * (generated - real).std() / np.sqrt(300), rel=0.1
    )
    assert (found.high - found.low) / 2 == pytest.approx(half, rel=0.2)


@pytest.mark.parametrize("metric", [SlicedWasserstein(projections=20), FrechetDistance()])
def test_influences_are_those_of_leaving_out_a_row(metric: Metric) -> None:
    random = np.random.default_rng(1)
    real = random.normal(size=(400, 3)) @ random.normal(size=(3, 3))
    generated = random.normal(size=(400, 3)) @ random.normal(size=(3, 3)) + 0.5
    examples = _vectors(real, generated)
    ((name, column),) = _rows_of(metric, examples).items()
    assert column.mean() == pytest.approx(measure(metric, examples)[name])
    left = [measure(metric, examples[:row] + examples[row + 1 :])[name] for row in range(30)]
    contributed = -399 * (np.array(left) - measure(metric, examples)[name])
    ours = column[:30] - column.mean()
    assert np.corrcoef(ours, contributed)[0, 1] > 0.99
    assert ours == pytest.approx(contributed, abs=0.1 * column.std())


def test_the_interval_of_the_frechet_distance_in_one_dimension() -> None:
    """(m1 - m2)^2 + (s1 - s2)^2, whose spread over samples is simulated."""
    random = np.random.default_rng(2)

    def sample() -> list[Any]:
        return _vectors(random.normal(size=(200, 1)), random.normal(2, 1.5, size=(200, 1)))

    spread = np.std([measure(FrechetDistance(), sample())["frechet_distance"] for _ in range(200)])
    found = [estimates([FrechetDistance()], sample(), draws=200)["frechet_distance"] for _ in range(40)]
    assert np.mean([each.low <= 4.25 <= each.high for each in found]) >= 0.88
    assert np.mean([each.high - each.low for each in found]) == pytest.approx(2 * 1.96 * spread, rel=0.15)


def test_quality_is_a_share_of_rows() -> None:
    random = np.random.default_rng(0)
    examples = _vectors(random.normal(size=(400, 2)), random.normal(0, 2, size=(400, 2)))
    found = estimates([ModeCoverage(within=2.0)], examples)
    share = measure(ModeCoverage(within=2.0), examples)["high_quality"]
    half = 1.96 * np.sqrt(share * (1 - share) / 400)
    assert [*found] == ["high_quality"]
    assert (found["high_quality"].high - found["high_quality"].low) / 2 == pytest.approx(half, rel=0.1)


@pytest.mark.parametrize(("metric", "examples"), FITTING)
def test_every_value_has_an_interval_or_a_reason(metric: Metric, examples: Sequence[Any]) -> None:
    many = [*examples] * 10
    if hasattr(examples[0], "group_id"):  # groups are drawn whole
        many = [replace(example, group_id=str(row // 2)) for row, example in enumerate([*examples] * 10)]
    found = estimates([metric], many, draws=5)
    assert {*measure(metric, examples)} == {*found} | {*metric.no_interval}
