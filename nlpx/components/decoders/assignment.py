"""Different columns for the rows of a table of scores, so that their sum is largest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from pathlib import Path

from nlpx.core.lazy import np

IMPOSSIBLE = -1e9
"""Stands for log 0, so that a row gets a column even if nothing probable is left."""


def distinct_columns(scores: np.ndarray, allowed: int) -> list[int | None]:
    """The best different columns for the rows; None for rows that get none, where columns are too few.

    If the best columns of the rows differ, they are the optimum. Otherwise, with R rows, only the R best
    columns of each row need be looked at: were another one in an optimum, one of those R would be left
    unused by the R - 1 other rows and be at least as good.

    Args:
        scores: (R, U); columns that nobody may have score -inf.
        allowed: how many columns do not.

    Source: Kuhn 1955, Munkres 1957.
    """
    highest = scores.argmax(axis=1).tolist() if allowed else []
    if len(set(highest)) == len(scores):
        return highest
    best: list[int | None] = [None] * len(scores)
    candidates = best_columns(scores, min(len(scores), allowed))
    rows, columns = linear_sum_assignment()(scores[:, candidates], maximize=True)
    for row, column in zip(rows.tolist(), candidates[columns].tolist(), strict=True):
        best[row] = column
    return best


@cache
def linear_sum_assignment() -> Callable[..., tuple[np.ndarray, np.ndarray]]:
    """The function of SciPy without the rest of its package, whose import takes longer than a prediction."""
    folders = getattr(find_spec("scipy"), "submodule_search_locations", None) or ()
    spec = PathFinder.find_spec("_lsap", [str(Path(folder) / "optimize") for folder in folders])
    if spec is None or spec.loader is None:
        from scipy import optimize as module
    else:
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
    found: Callable[..., tuple[np.ndarray, np.ndarray]] = module.linear_sum_assignment
    return found


def best_columns(scores: np.ndarray, count: int) -> np.ndarray:
    """The columns that are among the `count` highest of any row. Lines are short: faster than a partition."""
    left, rows = scores.copy(), np.arange(len(scores))
    found = np.zeros(scores.shape[1], bool)
    for _ in range(count):
        highest = left.argmax(axis=1)
        found[highest] = True
        left[rows, highest] = -np.inf
    return np.flatnonzero(found)


def rhyming_columns(
    scores: np.ndarray, classes: Iterable[np.ndarray], rows: Sequence[int], distinct: bool
) -> list[int | None] | None:
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
    best: list[int | None] | None = None
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
    """The best columns where those of `ends` are members of a class: an assignment among the best of each."""
    rows = np.arange(len(scores)) if distinct else ends
    columns = members[best_columns(scores[ends][:, members], min(len(rows), len(members)))]
    if distinct:
        columns = np.union1d(columns, best_columns(scores, len(rows)))
    outside = np.isin(rows, ends)[:, None] & ~np.isin(columns, members)
    table = np.where(outside, -np.inf, scores[rows][:, columns])
    best = scores.argmax(axis=1)
    best[rows] = columns[linear_sum_assignment()(table, maximize=True)[1]]
    return best
