"""An exported generator of samples."""

from __future__ import annotations

import numpy as np

from nlpx.errors import UsageError
from nlpx.exported.learner import Constants, Graphs, checked


class ExportedGenerator:
    """Inference methods of `GanLearner`.

    Args:
        graphs: `generate`, `noise` (B, L) float32 -> samples as the network makes them, (B, *shape) float32;
            for points also `score`, `sample` (B, 2) float32 -> (B,) float32.
        constants: none.

    Attributes:
        energy: none, because graphs have no gradients.
    """

    energy = None

    def __init__(self, graphs: Graphs, constants: Constants) -> None:
        self._generate, self._score = graphs["generate"], graphs.get("score")

    def raw(self, noise: np.ndarray) -> np.ndarray:
        """z (B, L) float32 -> samples (B, *shape) float32."""
        found = self._generate({"noise": noise})[0]
        checked(found.reshape(len(found), -1), (len(noise),))
        return found

    def score(self, samples: np.ndarray) -> np.ndarray:
        """Points -> scores (B,) float32; raises UsageError for images."""
        if self._score is None:
            raise UsageError(
                "bundles of generators of images cannot be evaluated: metrics compare the features of "
                "a Keras classifier. Evaluate the run with --engine tensorflow."
            )
        return checked(self._score({"sample": samples})[0][..., None], (len(samples),))[:, 0]
