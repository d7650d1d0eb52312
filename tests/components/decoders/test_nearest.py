"""The best columns, and the best sentences, against a stable sort of all."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

import nlpx.components.decoders.neighbours
from nlpx.components.decoders.approximate import Approximate
from nlpx.components.decoders.nearest import Nearest
from nlpx.text.points import Points


@given(st.lists(st.lists(st.integers(0, 3), min_size=5, max_size=5), max_size=4), st.integers(1, 8))
def test_by_sorting_everything(rows: list[list[int]], neighbours: int) -> None:
    scores = np.array(rows, np.float32).reshape(-1, 5)
    columns, best = Nearest(neighbours=neighbours).decode(scores)
    expected = np.argsort(-scores, axis=1, kind="stable")[:, :neighbours]
    np.testing.assert_array_equal(columns, expected)
    np.testing.assert_array_equal(best, np.take_along_axis(scores, expected, 1))


class Corpus:
    """Points in segments, with the candidates it is told, the same for all."""

    def __init__(self, points: Points, size: int, candidates: list[int] | None = None) -> None:
        self._points, self._size, self._candidates = points, size, candidates

    def segments(self) -> Iterator[Points]:
        for start in range(0, len(self._points), self._size):
            part = self._points[start : start + self._size]
            yield Points(part.dense, part.sparse.tocsc())

    def points(self, places: np.ndarray) -> Points:
        return Points(self._points.dense[places], self._points.sparse[places])

    def candidates(self, vectors: np.ndarray, count: int, probes: int) -> np.ndarray | None:
        return None if self._candidates is None else np.array([self._candidates] * len(vectors))


def some_points(count: int, seed: int) -> Points:
    """Points of small whole numbers, so that there are ties and no rounding."""
    rng = np.random.default_rng(seed)
    dense, sparse = (rng.integers(0, 2, (count, 3)).astype(np.float32) for _ in "ab")
    return Points(dense, csr_matrix(sparse))


@pytest.mark.parametrize("decoder", [Nearest(neighbours=3), Approximate(neighbours=3)])
@given(st.integers(0, 9), st.integers(1, 10), st.integers(0, 99))
def test_segments_do_not_change_what_is_found(decoder: Nearest, count: int, size: int, seed: int) -> None:
    corpus, asked = some_points(count, seed), some_points(4, seed + 100)
    scores = asked.scores(corpus)
    expected = np.argsort(-scores, axis=1, kind="stable")[:, :3]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nlpx.components.decoders.neighbours, "ASKED_AT_ONCE", 3)
        found = list(decoder.search(asked, Corpus(corpus, size)))
    assert [places.tolist() for places, _ in found] == expected.tolist()
    assert [best.tolist() for _, best in found] == np.take_along_axis(scores, expected, 1).tolist()


def test_candidates_are_ordered_by_exact_scores() -> None:
    corpus, asked = some_points(20, 1), some_points(4, 2)
    named = [-1, 3, 4, 9, 15]
    scores = asked.scores(corpus)[:, named[1:]]
    order = np.argsort(-scores, axis=1, kind="stable")[:, :3]
    found = list(Approximate(neighbours=3).search(asked, Corpus(corpus, 7, named)))
    assert [places.tolist() for places, _ in found] == np.array(named[1:])[order].tolist()
    assert [best.tolist() for _, best in found] == np.take_along_axis(scores, order, 1).tolist()
    assert [
        len(places) for places, _ in Approximate(neighbours=3).search(asked, Corpus(corpus, 7, [-1, -1, 5]))
    ] == [1] * 4
