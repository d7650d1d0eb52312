"""An exported classifier of texts."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nlpx.exported.graph import ASKED
from nlpx.exported.learner import Constants, Graphs, scored, whole


class ExportedTextClassifier:
    """The inference method of `TextClassifierLearner`.

    Args:
        graphs: `probabilities`, a batch -> (B, U) float32, and if it is asked for `attention` (B, T).
        constants: `attention`, if the graph has this output, which old exports lack.
    """

    def __init__(self, graphs: Graphs, constants: Constants) -> None:
        self._probabilities = graphs["probabilities"]
        self.attends = ASKED in constants

    def attention(self, batch: Mapping[str, np.ndarray]) -> np.ndarray:
        """How much of the attention each position gets, (B, T), for a model that attends."""
        return whole(self._probabilities, batch)[-1]

    def probabilities(self, batch: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """The probability of every class (B, U) float32, and zeros (B,)."""
        return scored(self._probabilities, batch)
