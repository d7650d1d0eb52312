"""What an exported model consists of, and learners with one graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from nlpx.errors import EnvironmentProblem

Call = Callable[[Mapping[str, np.ndarray]], list[np.ndarray]]
Graphs = Mapping[str, Call]
"""Functions of a batch, by name."""
Constants = Mapping[str, np.ndarray]


def whole(graph: Call, batch: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """All outputs of a graph for a batch, with that which has to be asked for."""
    asked: Call = getattr(graph, "whole", graph)
    return asked(batch)


def scored(graph: Call, batch: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The first output of a graph for a batch with `mask` (B, T), and zeros (B,).

    Raises:
        EnvironmentProblem: it is not (B, T, U) or (B, U) float32, or contains NaN.
    """
    mask = batch["mask"]
    found = checked(graph(batch)[0], mask.shape, mask.shape[:1])
    return found, np.zeros(len(mask), np.float32)


def checked(output: np.ndarray, *shapes: tuple[int, ...]) -> np.ndarray:
    """An output of a graph.

    Args:
        output: numbers that the graph may have computed of anything.
        shapes: what may come before its last axis; the first one is shown.

    Raises:
        EnvironmentProblem: it has another shape, is not float32, or contains NaN.
    """
    fits = output.dtype == np.float32 and output.shape[:-1] in shapes
    if not fits or np.isnan(output).any():
        what = "contains NaN" if fits else f"is {output.dtype} {output.shape}"
        raise EnvironmentProblem(
            f"the exported model is damaged: its output for a batch {shapes[0]} {what}. Export it again."
        )
    return output
