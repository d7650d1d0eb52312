"""Verses whose ends rhyme: for every class of rhyme the best one, and the best of these."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from nlpx.decoding.assignment import best_columns


def rhyming_columns(
    scores: np.ndarray, classes: Iterable[np.ndarray], rows: Sequence[int], distinct: bool
) -> list[int] | None:
    """The best columns for the rows, those of `rows` different ones of one class; None where no class can be.

        max over classes C, over x with x_r in C for r in rows, of  sum_t scores[t, x_t]

    Classes are tried in the order of what they would reach if their columns might be equal, until none can
    reach more than what was found: the result is exact.

    Args:
        scores: (R, U); columns that nobody may have score -inf.
        classes: the columns of every class.
        rows: the rows whose columns must be of one class.
        distinct: the columns of all rows are different, not only those of `rows`.
    """
    highest = scores.max(axis=0)
    if np.isfinite(highest).sum() < (len(scores) if distinct else 1):
        return None
    able = [found for c in classes if len(found := c[np.isfinite(highest[c])]) >= len(rows)]
    ends = np.array(rows)
    free = np.delete(scores, ends, axis=0).max(axis=1).sum(dtype=np.float64)
    bounds = np.array([free + scores[ends][:, c].max(axis=1).sum(dtype=np.float64) for c in able])
    best: list[int] | None = None
    most = -np.inf
    for index in np.argsort(-bounds):
        if bounds[index] <= most:
            break
        columns = _of_class(scores, able[index], ends, distinct)
        total = scores[np.arange(len(scores)), columns].sum(dtype=np.float64)
        if total > most:
            best, most = columns.tolist(), total
    return best


def _of_class(scores: np.ndarray, members: np.ndarray, ends: np.ndarray, distinct: bool) -> np.ndarray:
    """The best columns where those of `ends` are members of a class.

    An assignment; which columns need be looked at is told at `distinct_columns`.
    """
    from scipy.optimize import linear_sum_assignment

    rows = np.arange(len(scores)) if distinct else ends
    columns = members[best_columns(scores[ends][:, members], min(len(rows), len(members)))]
    if distinct:
        columns = np.union1d(columns, best_columns(scores, len(rows)))
    outside = np.isin(rows, ends)[:, None] & ~np.isin(columns, members)
    table = np.where(outside, -np.inf, scores[rows][:, columns])
    best = scores.argmax(axis=1)
    best[rows] = columns[linear_sum_assignment(table, maximize=True)[1]]
    return best
