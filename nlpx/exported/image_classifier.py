"""Exported classifiers of images."""

from __future__ import annotations

import numpy as np

from nlpx.exported.learner import Constants, Graphs, checked


class ExportedImageClassifier:
    """The inference methods of `ClassifierLearner`. Batches are not filled up, as nothing is compiled.

    Args:
        graphs: `pooled`, `image` (B, S, S, 3) uint8 -> f0 (B, D) float32; `heads`, `feature` (B, D) -> log p
            of all classes by both heads, (B, U) float32 each.
        constants: none.
    """

    def __init__(self, graphs: Graphs, constants: Constants) -> None:
        self._pooled, self._heads = graphs["pooled"], graphs["heads"]

    def pooled(self, images: np.ndarray, at_least: int = 0) -> np.ndarray:
        """Images (B, S, S, 3) uint8 -> f0 (B, D) float32."""
        return checked(self._pooled({"image": images})[0], (len(images),))

    def log_probabilities(self, pooled: np.ndarray, at_least: int = 0) -> tuple[np.ndarray, np.ndarray]:
        """f0 (B, D) -> log p of all classes by both heads, (B, U) float32 each."""
        main, aux = self._heads({"feature": pooled})
        return checked(main, (len(pooled),)), checked(aux, (len(pooled),))


class ExportedImageScorer:
    """The inference method of the learners of `digits` and `ocr`.

    Args:
        graphs: `scores`, `image` (B, H, W, 1) uint8 -> (B, U) float32.
        constants: none.
    """

    def __init__(self, graphs: Graphs, constants: Constants) -> None:
        self._scores = graphs["scores"]

    def scores(self, images: np.ndarray, at_least: int = 0) -> np.ndarray:
        """Images (B, H, W, 1) uint8 -> the score of every class, from 0 to 1, (B, U) float32."""
        return checked(self._scores({"image": images})[0], (len(images),))
