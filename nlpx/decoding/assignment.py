"""Different columns for the rows of a table, so that the sum of the scores is largest."""

from __future__ import annotations

import numpy as np


def distinct_columns(scores: np.ndarray, allowed: int) -> list[int | None]:
    """The best different columns for the rows; None for rows that get none, where columns are too few.

    With R rows, only the R best columns of each row need be looked at: were another one in an optimum, one
    of those R would be left unused by the R - 1 other rows and be at least as good.

    Args:
        scores: (R, U); columns that nobody may have score -inf.
        allowed: how many columns do not.

    Source: Kuhn 1955, Munkres 1957.
    """
    from scipy.optimize import linear_sum_assignment

    best: list[int | None] = [None] * len(scores)
    candidates = best_columns(scores, min(len(scores), allowed))
    rows, columns = linear_sum_assignment(scores[:, candidates], maximize=True)
    for row, column in zip(rows.tolist(), candidates[columns].tolist(), strict=True):
        best[row] = column
    return best


def best_columns(scores: np.ndarray, count: int) -> np.ndarray:
    """The columns that are among the `count` highest of any row. Lines are short: faster than a partition."""
    left, rows = scores.copy(), np.arange(len(scores))
    found = np.zeros(scores.shape[1], bool)
    for _ in range(count):
        highest = left.argmax(axis=1)
        found[highest] = True
        left[rows, highest] = -np.inf
    return np.flatnonzero(found)
