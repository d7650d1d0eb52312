"""Spans of pointers, and the entity of a mention."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nlpx.components.decoders.half_pointer import HalfPointer, spans

STARTS = np.array([0.9, 0.1, 0.5, 0.4])
ENDS = np.array([[0.1, 0.6, 0.9, 0], [1, 1, 1, 1], [0.9, 0.9, 0.3, 0.2], [1, 1, 1, 1]])


def test_spans_have_the_nearest_end() -> None:
    assert HalfPointer().spans(STARTS, ENDS) == [(0, 2)]
    assert HalfPointer(end=0.25).spans(STARTS, ENDS) == [(0, 2), (2, 3)]
    assert HalfPointer(start=0.25, end=0.25).spans(STARTS, ENDS) == [(0, 2), (2, 3), (3, 4)]


@given(arrays(float, 5, elements=st.sampled_from([0.0, 0.4, 0.41, 1])), st.integers(0, 2**32 - 1))
def test_by_loops(starts: np.ndarray, seed: int) -> None:
    ends = np.random.default_rng(seed).choice([0.0, 0.4, 0.6, 0.9], (5, 5))
    expected = []
    for i in range(5):
        for j in range(i, 5):
            if starts[i] > 0.4 and ends[i, j] > 0.5:
                expected.append((i, j + 1))
                break
    assert spans(starts, ends, 0.4, 0.5) == expected


def test_the_best_entity_must_be_probable_enough() -> None:
    decoder = HalfPointer(link=0.1)
    assert decoder.best([0.05, 0.1, 0.02]) == 1
    assert decoder.best([0.3, 0.2, 0.3]) == 0
    assert decoder.best([0.05, 0.099]) is None
    assert decoder.best([]) is None
