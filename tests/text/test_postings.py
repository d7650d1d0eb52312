"""Files of postings: what is damaged is made again, not searched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from nlpx.text.postings import map_postings, write_postings

TERMS = 3


def _vectorize(texts: Sequence[str]) -> csr_matrix:
    return csr_matrix(np.array([[text.count(term) for term in "abc"] for text in texts], np.float32))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    write_postings(tmp_path / "postings", ["aab", "c", "ca"], _vectorize)
    return tmp_path / "postings"


def test_they_are_what_was_written(file: Path) -> None:
    found = map_postings(file, 3, TERMS)
    assert found is not None
    assert found[0].toarray().tolist() == [[2, 1, 0], [0, 0, 1], [1, 0, 1]]


@pytest.mark.parametrize(
    ("place", "value"),
    [(0, 1), (0, -1), (1, 4), (1, -1), (TERMS, 10**9), (TERMS + 1, 3), (TERMS + 2, -1), (TERMS + 5, 10**9)],
)
def test_numbers_that_point_out_of_it(file: Path, place: int, value: int) -> None:
    numbers = np.fromfile(file, np.int32)
    numbers[place] = value
    numbers.tofile(file)
    assert map_postings(file, 3, TERMS) is None
