"""Viterbi decoding in NumPy: the twin of `nlpx.layers.crf.CRF.viterbi`, for use without TensorFlow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def viterbi(
    emissions: np.ndarray,
    lengths: Sequence[int] | np.ndarray,
    transitions: np.ndarray,
    start: np.ndarray | None = None,
    stop: np.ndarray | None = None,
) -> tuple[list[np.ndarray], np.ndarray]:
    """The tag sequences with the highest score, all rows of a batch at once; ties go to the lower tag.

        f(y) = start(y_1) + sum_t h_t(y_t) + sum_t g(y_t, y_t+1) + stop(y_n)

    Args:
        emissions: h, (B, T, K) floating; what lies beyond the length of a row is not read.
        lengths: of the rows, (B,) integers from 0 to T.
        transitions: g, (K, K), the tag that is left as row; -inf forbids.
        start: (K,), -inf forbids; None is 0.
        stop: (K,), -inf forbids; None is 0.

    Returns:
        Paths, one (length,) int32 array a row, and their scores (B,) float64; an empty row has the score 0.

    Source: Viterbi 1967.
    """
    lengths = np.asarray(lengths)
    batch, steps, tags = emissions.shape
    if not batch or not steps:
        return [np.zeros(0, np.int32) for _ in range(batch)], np.zeros(batch)
    # Time first and rows last: every step works on whole blocks.
    scores = np.ascontiguousarray(emissions.transpose(1, 2, 0), np.float64)
    leaving = np.asarray(transitions, np.float64)
    best = np.empty((steps, tags, batch))
    best[0] = scores[0] + (0.0 if start is None else np.asarray(start)[:, None])
    for t in range(1, steps):
        reached = (best[t - 1][:, None] + leaving[:, :, None]).max(0) + scores[t]
        best[t] = np.where(t < lengths, reached, best[t - 1])
    final = best[-1] + (0.0 if stop is None else np.asarray(stop)[:, None])
    path = np.empty((steps, batch), np.int32)
    path[-1] = final.argmax(0)
    for t in range(steps - 1, 0, -1):
        previous = (best[t - 1] + leaving[:, path[t]]).argmax(0)
        path[t - 1] = np.where(t < lengths, previous, path[t])
    paths = [path[:length, row] for row, length in enumerate(lengths)]
    return paths, np.where(lengths > 0, final.max(0), 0.0)
