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
    # Time first, and contiguous: every step then reads one block.
    scores = np.ascontiguousarray(emissions.transpose(1, 0, 2), np.float64)
    moves = np.asarray(transitions, np.float64).T[None]
    best = scores[0] + (0.0 if start is None else start)
    pointers = np.zeros((steps, batch, tags), np.int8 if tags <= 127 else np.int32)
    pointers[:] = np.arange(tags)
    for t in range(1, int(lengths.max(initial=1))):
        candidates = best[:, None, :] + moves
        pointer = candidates.argmax(2)
        reached = np.take_along_axis(candidates, pointer[..., None], 2)[..., 0] + scores[t]
        running = (t < lengths)[:, None]
        best = np.where(running, reached, best)
        pointers[t] = np.where(running, pointer, pointers[t])
    if stop is not None:
        best = best + stop
    last = best.argmax(1)
    path = np.empty((steps, batch), np.int32)
    path[-1] = last
    rows = np.arange(batch)
    for t in range(steps - 1, 0, -1):
        path[t - 1] = pointers[t, rows, path[t]]
    paths = [path[:length, row] for row, length in enumerate(lengths)]
    return paths, np.where(lengths > 0, best.max(1), 0.0)
