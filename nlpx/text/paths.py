"""Scores of the paths of a linear chain of labels, and the sum over all of them, in NumPy.

They measure likelihoods where no gradient is needed: the graph of a CRF (`nlpx/layers/crf_recursion.py`) is
compiled for every shape, which takes longer than an evaluation of a small corpus.
"""

from __future__ import annotations

import numpy as np


def path_nll(
    scores: np.ndarray, tags: np.ndarray, mask: np.ndarray, **potentials: np.ndarray | None
) -> np.ndarray:
    """-log of the share of a path in the sum of exp over all paths, (B,) float32; see `path_scores`."""
    nll = log_partition(scores, mask, **potentials) - path_scores(scores, tags, mask, **potentials)
    return nll.astype(np.float32)


def path_scores(
    scores: np.ndarray,
    tags: np.ndarray,
    mask: np.ndarray,
    transitions: np.ndarray | None,
    start: np.ndarray | None,
    stop: np.ndarray | None,
) -> np.ndarray:
    """start(y_1) + sum_t h_t(y_t) + sum_t g(y_t, y_t+1) + stop(y_n) of every row, (B,) float64; 0 if empty.

    Args:
        scores: h, (B, T, K).
        tags: y, (B, T) integers.
        mask: (B, T) bool, right-padded.
        transitions: g, (K, K); None for none, as for start and stop, (K,).
    """
    real = mask.astype(np.float64)
    total = (np.take_along_axis(scores, tags[..., None], -1)[..., 0] * real).sum(1)
    if transitions is not None:
        total += (transitions[tags[:, :-1], tags[:, 1:]] * real[:, 1:]).sum(1)
    filled, last = mask.any(1), np.maximum(mask.sum(1) - 1, 0)
    for potential, ends in ((start, tags[:, 0]), (stop, tags[np.arange(len(tags)), last])):
        if potential is not None:
            total += np.where(filled, potential[ends], 0.0)
    return total


def log_partition(
    scores: np.ndarray,
    mask: np.ndarray,
    transitions: np.ndarray | None,
    start: np.ndarray | None,
    stop: np.ndarray | None,
) -> np.ndarray:
    """log of the sum over all paths of exp of their scores, (B,) float64; 0 for an empty row."""
    alpha = scores[:, 0].astype(np.float64) + (0.0 if start is None else start)
    for t in range(1, scores.shape[1]):
        moved = _logsumexp(alpha[:, :, None] + (0.0 if transitions is None else transitions), 1)
        alpha = np.where(mask[:, t, None], moved + scores[:, t], alpha)
    return np.where(mask.any(1), _logsumexp(alpha + (0.0 if stop is None else stop), 1), 0.0)


def _logsumexp(values: np.ndarray, axis: int) -> np.ndarray:
    highest = values.max(axis, keepdims=True)
    return np.log(np.exp(values - highest).sum(axis)) + highest.squeeze(axis)
