"""From the probabilities of two heads to an answer."""

from __future__ import annotations

import numpy as np

from nlpx.decoding.base import PictureDecoder

STEPS = 100


class BlendDecoder(PictureDecoder):
    """p = alpha p_main + (1 - alpha) p_aux; the most probable class is the answer.

    Args:
        alpha: share of the main head; None: 1, until `choose` has found the best.
        top: how many classes an answer names.
    """

    def __init__(self, alpha: float | None = None, top: int = 5) -> None:
        self.fixed = alpha is not None
        self.alpha = 1.0 if alpha is None else alpha
        self.top = top

    def probabilities(self, main: np.ndarray, aux: np.ndarray) -> np.ndarray:
        """Log-probabilities of both heads (B, U) -> probabilities of the mixture (B, U) float32."""
        return self._mixture(np.exp(main), np.exp(aux), self.alpha)

    def choose(self, main: np.ndarray, aux: np.ndarray, labels: np.ndarray) -> float:
        """The alpha of 0, .01, ..., 1 that makes the most answers right; of equals the greatest.

        Args:
            main, aux: log-probabilities of pictures that were not trained on, (B, U).
            labels: their classes, (B,).
        """
        p_main, p_aux = np.exp(main), np.exp(aux)

        def right(step: int) -> int:
            answers = self._mixture(p_main, p_aux, step / STEPS).argmax(axis=-1)
            return int((answers == labels).sum())

        return max(range(STEPS + 1), key=lambda step: (right(step), step)) / STEPS

    @staticmethod
    def _mixture(p_main: np.ndarray, p_aux: np.ndarray, alpha: float) -> np.ndarray:
        return alpha * p_main + (1 - alpha) * p_aux
