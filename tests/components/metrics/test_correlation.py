"""Correlations: by their definitions, and where they have none."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.components.metrics.correlation import Correlation, pearson, spearman
from tests.components.metrics.measuring import measure

NUMBERS = st.tuples(st.integers(0, 5), st.sampled_from([-1.0, -0.25, 0.0, 0.1, 0.10001, 0.7, 1.0]))


def ranks(values: np.ndarray) -> np.ndarray:
    """1 + number of smaller ones + half the number of other equal ones."""
    smaller, equal = values[:, None] > values, values[:, None] == values
    return smaller.sum(1) + (equal.sum(1) + 1) / 2


def correlation(x: np.ndarray, y: np.ndarray) -> float:
    """sum (x - mean x)(y - mean y) / (|x - mean x| |y - mean y|)"""
    x, y = x - x.mean(), y - y.mean()
    return float(x @ y / (np.linalg.norm(x) * np.linalg.norm(y)))


@given(st.lists(NUMBERS, min_size=1, max_size=30))
def test_the_definitions(numbers: list[tuple[int, float]]) -> None:
    x, y = np.array(numbers).T
    if len(set(x)) == 1 or len(set(y)) == 1:
        assert spearman(x, y) == pearson(x, y) == 0
    else:
        assert pearson(x, y) == pytest.approx(correlation(x, y), abs=1e-12)
        assert spearman(x, y) == pytest.approx(correlation(ranks(x), ranks(y)), abs=1e-12)


def test_scores_that_hardly_differ() -> None:
    x = 0.9 + np.array([0, 1, 2, 3]) * 2**-40
    assert spearman(x, [0, 1, 3, 5]) == pytest.approx(1)
    assert pearson(x, [0, 1, 2, 3]) == pytest.approx(1)


def test_the_metric() -> None:
    pairs = [(0, -0.5), (1, 0.0), (5, 0.9), (3, 0.05)]
    examples = [SimpleNamespace(score=score, predicted_score=predicted) for score, predicted in pairs]
    assert measure(Correlation(), examples[:1]) == {"spearman": 0, "pearson": 0}
    found = measure(Correlation(), examples)
    assert found["spearman"] == pytest.approx(1)
    assert 0.9 < found["pearson"] < 1
