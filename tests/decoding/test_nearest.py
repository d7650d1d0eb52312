"""The best columns against a stable sort of all."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nlpx.decoding.nearest import Nearest


@given(st.lists(st.lists(st.integers(0, 3), min_size=5, max_size=5), max_size=4), st.integers(1, 8))
def test_by_sorting_everything(rows: list[list[int]], neighbours: int) -> None:
    scores = np.array(rows, np.float32).reshape(-1, 5)
    columns, best = Nearest(neighbours).decode(scores)
    expected = np.argsort(-scores, axis=1, kind="stable")[:, :neighbours]
    np.testing.assert_array_equal(columns, expected)
    np.testing.assert_array_equal(best, np.take_along_axis(scores, expected, 1))
