"""Cells: the same at every call, exact where all are looked into, and a message where faiss is missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import nlpx.tasks.similarity.cells
from nlpx.errors import EnvironmentProblem
from nlpx.tasks.similarity.cells import LEARNED_FROM, map_cells, write_cells


def vectors(count: int, seed: int) -> np.ndarray:
    """Vectors of length 1 around ten centres."""
    rng = np.random.default_rng(seed)
    found = np.random.default_rng(9).normal(size=(10, 16))[rng.integers(0, 10, count)]
    found += 0.3 * rng.normal(size=(count, 16))
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


@pytest.mark.parametrize("count", [1, LEARNED_FROM - 1, 1000])
def test_all_cells_together_hold_the_nearest(tmp_path: Path, count: int) -> None:
    pytest.importorskip("faiss")
    corpus, asked = vectors(count, 0), vectors(20, 1)
    write_cells(tmp_path / "x", corpus)
    cells = map_cells(tmp_path / "x", corpus.shape)
    assert cells is not None
    found = cells.candidates(asked, 50, 10_000)
    assert found.shape == (20, 50)
    assert (np.diff(found) >= 0).all()
    nearest = np.argsort(-asked @ corpus.T, axis=1)[:, :5]
    assert all(set(best) <= set(named) for best, named in zip(nearest.tolist(), found.tolist(), strict=True))


def test_few_cells_find_most_and_not_all(tmp_path: Path) -> None:
    pytest.importorskip("faiss")
    corpus, asked = vectors(5000, 0), vectors(50, 1)
    write_cells(tmp_path / "x", corpus)
    cells = map_cells(tmp_path / "x", corpus.shape)
    assert cells is not None
    nearest = np.argsort(-asked @ corpus.T, axis=1)[:, :5]

    def share(probes: int) -> float:
        found = cells.candidates(asked, 256, probes)
        return float(
            np.mean([np.isin(best, named).mean() for best, named in zip(nearest, found, strict=True)])
        )

    assert 0.2 < share(1) < share(8) <= 1
    assert share(8) > 0.9


def test_the_file_is_the_same_at_every_call(tmp_path: Path) -> None:
    pytest.importorskip("faiss")
    for name in "ab":
        write_cells(tmp_path / name, vectors(3000, 0))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_file_that_does_not_fit_is_none(tmp_path: Path) -> None:
    pytest.importorskip("faiss")
    write_cells(tmp_path / "x", vectors(100, 0))
    assert map_cells(tmp_path / "x", (100, 16)) is not None
    assert map_cells(tmp_path / "x", (99, 16)) is None
    assert map_cells(tmp_path / "y", (100, 16)) is None
    for kept in (-1, 200, 0):
        (tmp_path / "x").write_bytes((tmp_path / "x").read_bytes()[:kept])
        assert map_cells(tmp_path / "x", (100, 16)) is None
    with pytest.raises(OSError, match="faiss"):
        write_cells(tmp_path / "no" / "x", vectors(100, 0))


def test_without_faiss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nlpx.tasks.similarity.cells, "missing_modules", lambda extra: ["faiss"])
    with pytest.raises(EnvironmentProblem, match=r"pip install -e '\.\[faiss\]'"):
        write_cells(tmp_path / "x", vectors(2, 0))
    with pytest.raises(EnvironmentProblem, match="approximate search"):
        map_cells(tmp_path / "x", (1, 1))
