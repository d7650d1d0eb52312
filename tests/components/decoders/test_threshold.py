"""The decision threshold of two classes."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nlpx.components.decoders.threshold import Threshold


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 1)), min_size=1, max_size=30))
def test_the_chosen_threshold_is_the_best_of_all_and_nearest_to_the_middle(
    rows: list[tuple[float, int]],
) -> None:
    second, labels = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    right = {step / 100: int(((second >= step / 100) == labels).sum()) for step in range(1, 100)}
    best = [step for step, count in right.items() if count == max(right.values())]
    chosen = Threshold().choose(np.stack([1 - second, second], 1), labels)
    assert chosen in best
    assert abs(chosen - 0.5) == min(abs(step - 0.5) for step in best)


def test_classes() -> None:
    two = np.array([[0.7, 0.3], [0.4, 0.6]])
    assert Threshold().classes(two, 0.3).tolist() == [1, 1]
    assert Threshold().classes(two, 0.61).tolist() == [0, 0]
    assert Threshold().classes(np.array([[0.2, 0.5, 0.3]]), 0.9).tolist() == [1]
