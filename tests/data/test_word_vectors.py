"""Neighbours of words beside a search in a loop, the plane beside scipy, files in every format read again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nlpx.data.vector_files import SUFFIXES, vector_file
from nlpx.data.vectors import read_vectors
from nlpx.data.word_vectors import WordVectors, principal_plane

RNG = np.random.default_rng(0)
TOKENS = ["的", "，", "春风", "😀", "a", "10", "3.5"]
VECTORS = WordVectors(TOKENS, RNG.normal(size=(7, 4)).astype(np.float32))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_is_written_is_read_bit_for_bit(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"vectors{suffix}"
    path.write_bytes(vector_file(VECTORS, suffix))
    found = read_vectors(path, frozenset(TOKENS))
    assert list(found) == TOKENS
    np.testing.assert_array_equal(np.array([*found.values()]), VECTORS.vectors)


def test_neighbours() -> None:
    vectors = RNG.normal(size=(3, 4))
    without = np.array([[0, 1], [2, 2], [6, 3]])
    rows, cosines = VECTORS.neighbours(vectors, 4, without)
    for vector, own, near, found in zip(vectors, without, rows, cosines, strict=True):
        all_ = [
            (v @ vector / np.linalg.norm(v) / np.linalg.norm(vector), i)
            for i, v in enumerate(VECTORS.vectors)
            if i not in own
        ]
        best = sorted(all_, reverse=True)[:4]
        assert near.tolist() == [i for _, i in best]
        np.testing.assert_allclose(found, [c for c, _ in best], rtol=1e-5)
    zero = WordVectors(TOKENS, np.zeros((7, 4), np.float32))
    assert zero.neighbours(np.zeros((1, 4)), 3, np.array([[0]]))[0].tolist() == [[1, 2, 3]]


def test_the_plane_of_principal_components() -> None:
    points = RNG.normal(size=(20, 5)) * [5, 3, 1, 0.1, 0.1]
    plane = principal_plane(points)
    values, directions = np.linalg.eigh(np.cov(points, rowvar=False))
    expected = (points - points.mean(0)) @ directions[:, ::-1][:, :2]
    np.testing.assert_allclose(np.abs(plane), np.abs(expected), atol=1e-9)
    np.testing.assert_allclose(plane.var(0, ddof=1), values[::-1][:2])
    assert principal_plane(np.ones((1, 3))).tolist() == [[0, 0]]
