"""Points: two parts, whose products add up."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix

import nlpx.text.points
from nlpx.text.points import Points, cosines


def points(count: int, seed: int) -> Points:
    rng = np.random.default_rng(seed)
    sparse = csr_matrix(rng.normal(size=(count, 5)).astype(np.float32))
    return Points(rng.normal(size=(count, 3)).astype(np.float32), sparse)


def test_products_of_both_parts_add_up() -> None:
    first, second = points(4, 0), points(6, 1)
    expected = first.dense @ second.dense.T + first.sparse.toarray() @ second.sparse.toarray().T
    np.testing.assert_allclose(first.scores(second), expected, rtol=1e-5)


def test_one_part_alone() -> None:
    both = points(4, 0)
    np.testing.assert_allclose(
        Points.of_dense(both.dense).scores(Points.of_dense(both.dense)), both.dense @ both.dense.T
    )
    sparse = both.sparse.toarray()
    only = Points.of_sparse(both.sparse)
    np.testing.assert_allclose(only.scores(only), sparse @ sparse.T, rtol=1e-6)


def test_products_are_the_mean_of_both_parts_the_sparse_one_weighted() -> None:
    first, second = points(4, 0), points(6, 1)
    sparse = first.sparse.toarray() @ second.sparse.toarray().T
    expected = (first.dense @ second.dense.T + 0.3 * sparse) / 1.3
    np.testing.assert_allclose(first.weighted(0.3).scores(second.weighted(0.3)), expected, rtol=1e-4)
    np.testing.assert_allclose(first.asking(0.3).scores(second), expected, rtol=1e-4)
    assert first.weighted(0).sparse.shape == first.asking(0).sparse.shape == (4, 0)


@pytest.mark.parametrize("weight", [0.0, 0.15, 1.0, 3.0])
def test_cosines_stay_between_minus_1_and_1(weight: float) -> None:
    dense = np.random.default_rng(0).normal(size=(500, 7))
    dense = (dense / np.linalg.norm(dense, axis=1, keepdims=True)).astype(np.float32)
    both = Points(np.vstack([dense, -dense]), csr_matrix(np.vstack([dense, -dense])))
    weighted = both.weighted(weight)
    products = weighted.scores(weighted)
    # Rounding goes beyond, which is what is cut off.
    assert 1 < products.max() < 1 + 1e-5
    found = cosines(products)
    assert (found.min(), found.max()) == (-1, 1)
    np.testing.assert_allclose(found, products, atol=1e-5)


@pytest.mark.parametrize("at_once", [1, 7, 100])
def test_blocks_are_the_whole(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(nlpx.text.points, "SCORES_AT_ONCE", at_once)
    first, second = points(5, 0), points(3, 1)
    whole = np.empty((5, 3), np.float32)
    for rows, scores in first.blocks(second):
        whole[rows] = scores
    np.testing.assert_allclose(whole, first.scores(second), rtol=1e-6)


def test_joined_rows_are_the_rows() -> None:
    all_points = points(5, 0)
    joined = Points.join([all_points[i : i + 1] for i in range(5)])
    assert len(joined) == 5
    np.testing.assert_array_equal(joined.dense, all_points.dense)
    np.testing.assert_array_equal(joined.sparse.toarray(), all_points.sparse.toarray())
