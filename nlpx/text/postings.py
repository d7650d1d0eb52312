"""Inverted lists: sparse vectors stored by term, in segments, in a memory-mapped file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from scipy.sparse import csc_matrix, csr_matrix

SEGMENT = 1 << 16
"""Number of sentences in a segment."""

Vectorize = Callable[[Sequence[str]], csr_matrix]
"""Texts -> sparse vectors, (n, V) float32, with fixed V."""


def segments(texts: Sequence[str], vectorize: Vectorize) -> Iterator[csc_matrix]:
    """Vectors of texts, (SEGMENT, V) at a time, in column format, so that a search only reads its terms."""
    for start in range(0, len(texts), SEGMENT):
        yield vectorize(texts[start : start + SEGMENT]).tocsc()


def write_postings(path: Path, texts: Sequence[str], vectorize: Vectorize) -> None:
    """Write consecutive segments, each as V + 1 bounds, then rows, then values, 4 bytes per number."""
    with path.open("wb") as file:
        for matrix in segments(texts, vectorize):
            file.write(np.ascontiguousarray(matrix.indptr, np.int32).data)
            file.write(np.ascontiguousarray(matrix.indices, np.int32).data)
            file.write(np.ascontiguousarray(matrix.data, np.float32).data)


def map_postings(path: Path, rows: int, terms: int) -> list[csc_matrix] | None:
    """Map the segments of a file; None if it is missing, or does not have this number of rows and terms."""
    if not path.is_file():
        return None
    if not path.stat().st_size:  # an empty file cannot be mapped
        return None if rows else []
    numbers = np.asarray(np.memmap(path, np.int32, "r"))
    found, place = [], 0
    for start in range(0, rows, SEGMENT):
        bounds = numbers[place : place + terms + 1]
        place += terms + 1
        end = place + 2 * int(bounds[-1]) if len(bounds) == terms + 1 else -1
        if not place <= end <= len(numbers):
            return None
        indices, data = np.split(numbers[place:end], 2)
        shape = (min(SEGMENT, rows - start), terms)
        # The search does not check bounds, so a damaged file must be detected here.
        inside = (indices >= 0) & (indices < shape[0])
        if bounds[0] or (np.diff(bounds) < 0).any() or not inside.all():
            return None
        found.append(csc_matrix((data.view(np.float32), indices, bounds), shape=shape, copy=False))
        place = end
    return found if place == len(numbers) else None
