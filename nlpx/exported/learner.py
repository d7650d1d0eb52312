"""What an exported model consists of, and learners with one graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

Call = Callable[[Mapping[str, np.ndarray]], list[np.ndarray]]
Graphs = Mapping[str, Call]
"""Functions of a batch, by name."""
Constants = Mapping[str, np.ndarray]


def scored(graph: Call, batch: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The first output of a graph for a batch with `mask` (B, T), and zeros (B,)."""
    return graph(batch)[0], np.zeros(len(batch["mask"]), np.float32)
