"""An exported classifier of texts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nlpx.exported.learner import Constants, Graphs, scored


class ExportedTextClassifier:
    """The inference method of `TextClassifierLearner`.

    Args:
        graphs: `probabilities`, a batch -> (B, U) float32.
        constants: none.
    """

    def __init__(self, graphs: Graphs, constants: Constants) -> None:
        self._probabilities = graphs["probabilities"]

    def probabilities(self, batch: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """The probability of every class (B, U) float32, and zeros (B,)."""
        return scored(self._probabilities, batch)
