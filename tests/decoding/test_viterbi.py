"""Viterbi in NumPy against enumeration of all paths."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlpx.decoding.viterbi import viterbi
from nlpx.text.tags import LEGAL_START, LEGAL_STOP, LEGAL_TRANSITIONS, TAGS
from tests.layers.brute_force import AllPaths


@given(
    st.lists(st.integers(0, 5), max_size=5),
    st.integers(1, 4),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.integers(0, 2**32 - 1),
)
def test_equals_the_best_of_all_paths(
    lengths: list[int], tags: int, ends: bool, forbid: bool, whole: bool, seed: int
) -> None:
    """Whole numbers make ties, which go to the lower tag; what is forbidden is -inf; 0 0 0 ... is allowed."""
    rng = np.random.default_rng(seed)

    def scores(*shape: int) -> np.ndarray:
        values = rng.integers(-1, 2, shape).astype(np.float64) if whole else rng.normal(size=shape) * 10
        if forbid and len(shape) < 3:
            forbidden = rng.random(shape) < 0.4
            forbidden.flat[0] = False
            values[forbidden] = -np.inf
        return values

    emissions = scores(len(lengths), max(lengths, default=0) + 1, tags)
    transitions = scores(tags, tags)
    start, stop = (scores(tags), scores(tags)) if ends else (None, None)
    paths, found = viterbi(emissions, lengths, transitions, start, stop)
    zeros = np.zeros(tags)
    for row, length in enumerate(lengths):
        every = AllPaths(
            emissions[row, :length],
            transitions,
            zeros if start is None else start,
            zeros if stop is None else stop,
        )
        best, score = every.best
        assert paths[row].tolist() == best.tolist()
        assert paths[row].dtype == np.int32
        assert found[row] == pytest.approx(score, abs=1e-9)


def test_words_of_the_article() -> None:
    good = [
        [3.17, 2.16, -3.97, -2.04],
        [-3.89, -0.451, 1.67, 0.874],
        [-3.9, -4.41, 3.82, 2.45],
        [1.88, 0.991, -2.48, -0.247],
    ]
    frames = [
        [0.2, 1, 0.1, 0.3],
        [0.4, 0.1, 0.2, 0.9],
        [0.8, 0.9, 0.3, 0.1],
        [0.1, 0.2, 0.7, 0.9],
        [1, 0.2, 0.1, 0.3],
    ]
    emissions = np.array([frames], np.float32)
    start, stop = np.where(LEGAL_START, 0, -np.inf), np.where(LEGAL_STOP, 0, -np.inf)
    for ends, word, expected in (((None, None), "mmmmm", 16.68), ((start, stop), "sssss", 15.18)):
        (path,), (score,) = viterbi(emissions, [5], np.array(good), *ends)
        assert "".join(TAGS[tag] for tag in path) == word
        assert score == pytest.approx(expected, abs=1e-5)


def test_long_constrained_rows_are_legal() -> None:
    rng = np.random.default_rng(0)
    lengths = rng.integers(1, 200, 50)
    transitions, start, stop = (
        np.where(legal, rng.normal(size=legal.shape), -np.inf)
        for legal in (LEGAL_TRANSITIONS, LEGAL_START, LEGAL_STOP)
    )
    paths, scores = viterbi(rng.normal(size=(50, 200, 4)) * 1e4, lengths, transitions, start, stop)
    assert np.isfinite(scores).all()
    for path, length in zip(paths, lengths, strict=True):
        assert len(path) == length
        assert LEGAL_START[path[0]] and LEGAL_STOP[path[-1]]
        assert LEGAL_TRANSITIONS[path[:-1], path[1:]].all()


def test_a_row_without_a_legal_path_scores_minus_infinity() -> None:
    _, scores = viterbi(np.zeros((2, 3, 2)), [3, 1], np.full((2, 2), -np.inf))
    assert scores.tolist() == [-np.inf, 0.0]
