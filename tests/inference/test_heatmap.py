"""Arrays as images, cell by cell."""

from __future__ import annotations

import numpy as np
import pytest

from nlpx.inference.heatmap import heatmap


def test_rows_and_columns() -> None:
    image = heatmap(np.array([[0.0, 1.0, 5.0], [np.nan, 10.0, -np.inf]]))
    assert image.shape == (32, 48, 1) and image.dtype == np.uint8
    np.testing.assert_array_equal(image[::16, ::16, 0], [[0, 26, 128], [0, 255, 0]])
    assert (image[:16, 16:32] == 26).all()


def test_matrices_side_by_side() -> None:
    image = heatmap(np.arange(16.0).reshape(1, 4, 2, 2))
    assert image.shape == (5 * 16, 5 * 16, 1)
    cells = image[::16, ::16, 0]
    np.testing.assert_array_equal(cells[:2], [[0, 17, 255, 68, 85], [34, 51, 255, 102, 119]])
    assert (cells[2] == 255).all()


@pytest.mark.parametrize(
    "array",
    [np.array(3.0), np.zeros(5), np.zeros((2, 0)), np.full((3, 2), np.nan), np.zeros((2000, 3), bool)],
)
def test_any_shape(array: np.ndarray) -> None:
    image = heatmap(array)
    assert not image.any()
    assert image.shape[2] == 1
