"""Vectors sorted into cells, so that a search looks into the nearest of them alone. By faiss."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from nlpx.core.extras import how_to_install, missing_modules
from nlpx.errors import EnvironmentProblem

EXTRA = "faiss"
LEARNED_FROM, ROUNDS, SEED = 64, 10, 1234
"""The centres of the cells are learned by k-means from this many vectors a cell, in so many rounds."""
ADDED_AT_ONCE = 1 << 16


class Cells:
    """The cells of a file that is mapped into memory."""

    def __init__(self, index: Any) -> None:
        self._index = index

    def candidates(self, vectors: np.ndarray, count: int, probes: int) -> np.ndarray:
        """Places of the vectors that are probably the nearest, each row ascending.

        Args:
            vectors: what is looked for, (n, D) float32.
            probes: how many cells are looked into, the nearest ones.

        Returns:
            (n, count) int64; -1 where these cells hold fewer.
        """
        parameters = _faiss().SearchParametersIVF(nprobe=min(probes, self._index.nlist))
        found = self._index.search(np.ascontiguousarray(vectors), count, params=parameters)[1]
        return np.sort(found, 1)


def write_cells(path: Path, vectors: np.ndarray) -> None:
    """Sort vectors (n, D) into sqrt(n) cells, and write them with 8 bits a number; the same at every call.

    Raises:
        EnvironmentProblem: faiss is not installed.
        OSError: the file cannot be written.
    """
    faiss = _faiss()
    count, dim = vectors.shape
    cells = max(1, min(math.isqrt(count), count // LEARNED_FROM))
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dim), dim, cells, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    )
    index.cp.seed, index.cp.niter, index.cp.spherical = SEED, ROUNDS, True
    index.cp.min_points_per_centroid, index.cp.max_points_per_centroid = 1, LEARNED_FROM
    chosen = np.random.default_rng(SEED).choice(count, min(count, LEARNED_FROM * cells), replace=False)
    index.train(vectors[np.sort(chosen)])
    for start in range(0, count, ADDED_AT_ONCE):
        index.add(np.ascontiguousarray(vectors[start : start + ADDED_AT_ONCE]))
    try:
        faiss.write_index(index, str(path))
    except RuntimeError as error:
        raise OSError(f"faiss: {error}") from None


def map_cells(path: Path, shape: tuple[int, int]) -> Cells | None:
    """The cells of a file; None if there is none of vectors of this shape. Raises EnvironmentProblem."""
    faiss = _faiss()
    if not path.is_file():
        return None
    try:
        index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP | faiss.IO_FLAG_READ_ONLY)
    except RuntimeError:  # damaged
        return None
    # A damaged file may hold another kind of index.
    return Cells(index) if isinstance(index, faiss.IndexIVF) and (index.ntotal, index.d) == shape else None


def _faiss() -> Any:
    if missing_modules(EXTRA):
        raise EnvironmentProblem(
            f"approximate search (decode.type: approximate) needs faiss. Install it: {how_to_install(EXTRA)}"
        )
    import faiss

    return faiss
