"""Vectors by counting: weighted co-occurrences of words, and their singular value decomposition."""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.linalg import svds

from nlpx.data.items import MAIN, EncodedItems
from nlpx.tasks.vectors.codec import WORD

Weighting = Literal["count", "log", "ppmi"]
PAIRS_AT_ONCE = 1 << 23


def cooccurrences(items: EncodedItems, size: int, window: int, keep: np.ndarray | None = None) -> csr_matrix:
    """How often each word has each other word within its window, (size, size) float64, symmetric.

    Args:
        items: texts of ids.
        size: number of words.
        window: width on each side; windows do not cross texts.
        keep: the weight of every word, (size,), whose product weighs a pair: the expectation of subsampling
            that does not move words; default: 1.
    """
    words = np.asarray(items.arrays[WORD])
    lengths = items.extents[MAIN].lengths
    texts = np.repeat(np.arange(len(lengths)), lengths)
    total = csr_matrix((size, size))
    for distance in range(1, window + 1):
        for start in range(0, len(words) - distance, PAIRS_AT_ONCE):
            end = min(start + PAIRS_AT_ONCE, len(words) - distance)
            first, second = words[start:end], words[start + distance : end + distance]
            same = texts[start:end] == texts[start + distance : end + distance]
            first, second = first[same], second[same]
            values = np.ones(len(first)) if keep is None else keep[first] * keep[second]
            total = total + coo_matrix((values, (first, second)), (size, size)).tocsr()
    return csr_matrix(total + total.T)


def weighted(counts: csr_matrix, weighting: Weighting) -> csr_matrix:
    """Counts, log(1 + counts), or the positive part of the pointwise mutual information.

    ppmi(i, j) = max(0, log(n_ij n / (n_i n_j)))
    """
    found = counts.copy()
    if weighting == "log":
        found.data = np.log1p(found.data)
    elif weighting == "ppmi":
        rows = np.asarray(counts.sum(1)).ravel()
        first, second = counts.nonzero()
        found = csr_matrix(counts)
        ratio = np.asarray(counts[first, second]).ravel() * rows.sum() / (rows[first] * rows[second])
        found = csr_matrix((np.maximum(np.log(ratio), 0.0), (first, second)), counts.shape)
        found.eliminate_zeros()
    return found


def factors(matrix: csr_matrix, dim: int, power: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """U S^power and V S^(1 - power) of the best approximation of rank `dim`, each (size, dim) float32.

    Missing columns, where the matrix is not larger than `dim`, are 0.
    """
    size = matrix.shape[0]
    rank = min(dim, size - 1)
    start = np.random.default_rng(seed).normal(size=size)
    left, values, right = svds(matrix.astype(np.float64), k=rank, v0=start)
    order = np.argsort(-values, kind="stable")
    left, values, right = left[:, order], np.maximum(values[order], 0), right[order].T
    # The sign of a pair of singular vectors is arbitrary.
    sign = np.where(left[np.abs(left).argmax(0), np.arange(rank)] < 0, -1.0, 1.0)
    tables = []
    for table, exponent in ((left * sign, power), (right * sign, 1 - power)):
        filled = np.zeros((size, dim), np.float32)
        filled[:, :rank] = table * values**exponent
        tables.append(filled)
    return tables[0], tables[1]
