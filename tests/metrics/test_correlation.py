"""Correlations, against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from nlpx.metrics.correlation import Correlation, pearson, ranks, spearman
from nlpx.metrics.pair_example import PairExample

NUMBERS = st.tuples(st.integers(0, 5), st.sampled_from([-1.0, -0.25, 0.0, 0.1, 0.10001, 0.7, 1.0]))


@given(st.lists(st.integers(-3, 3), max_size=12))
def test_ranks_share_the_mean_of_ties(values: list[int]) -> None:
    assert ranks(np.array(values)).tolist() == stats.rankdata(values).tolist()


@given(st.lists(NUMBERS, min_size=2, max_size=30))
def test_as_scipy_has_it(numbers: list[tuple[int, float]]) -> None:
    x, y = map(list, zip(*numbers, strict=True))
    if len(set(x)) == 1 or len(set(y)) == 1:
        assert spearman(x, y) == pearson(np.array(x), np.array(y)) == 0
        return
    assert spearman(x, y) == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-12)
    assert pearson(np.array(x), np.array(y)) == pytest.approx(stats.pearsonr(x, y).statistic, abs=1e-9)


def test_the_metric() -> None:
    metric = Correlation()
    assert metric.result() == {}
    for score, answer in [(0, -0.5), (1, 0.0), (5, 0.9), (3, 0.05)]:
        metric.update(PairExample("甲", "乙", score, answer))
    found = metric.result()
    assert found["spearman"] == pytest.approx(1)
    assert 0.9 < found["pearson"] < 1


def test_one_pair_ranks_nothing() -> None:
    metric = Correlation()
    metric.update(PairExample("甲", "乙", 3, 0.4))
    assert metric.result() == {"spearman": 0, "pearson": 0}
