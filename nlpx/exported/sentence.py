"""An exported sentence encoder."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nlpx.exported.learner import Constants, Graphs, scored


class ExportedSentenceEncoder:
    """The inference method of `SentenceLearner`.

    Args:
        graphs: `vectors`, a batch -> (B, D) float32.
        constants: `width`, (), which is D.

    Attributes:
        width: width of a vector.
    """

    def __init__(self, graphs: Graphs, constants: Constants) -> None:
        self._vectors = graphs["vectors"]
        self.width = int(constants["width"])

    def vectors(self, batch: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Vectors of a batch (B, D) float32, and zeros (B,)."""
        return scored(self._vectors, batch)
