"""What an exported model consists of, and learners with one graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from nlpx.errors import EnvironmentProblem

Call = Callable[[Mapping[str, np.ndarray]], list[np.ndarray]]
Graphs = Mapping[str, Call]
"""Functions of a batch, by name."""
Constants = Mapping[str, np.ndarray]


def scored(graph: Call, batch: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The first output of a graph for a batch with `mask` (B, T), and zeros (B,).

    Raises:
        EnvironmentProblem: it is not (B, T, U) or (B, U) float32, or contains NaN.
    """
    found, mask = graph(batch)[0], batch["mask"]
    fits = found.dtype == np.float32 and found.shape[:-1] in (mask.shape, mask.shape[:1])
    if not fits or np.isnan(found).any():
        what = "contains NaN" if fits else f"is {found.dtype} {found.shape}"
        raise EnvironmentProblem(
            f"the exported model is damaged: its output for a batch {mask.shape} {what}. Export it again."
        )
    return found, np.zeros(len(mask), np.float32)
