"""What decoders are, by the task that uses them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np

PLACEHOLDER = "□"
"""Stands where the vocabulary has no character left that may be used."""


class CoupletDecoder(ABC):
    """Turns the scores of one upper line into a lower line."""

    @abstractmethod
    def decode(self, upper: str, log_probs: np.ndarray, tokens: Sequence[str]) -> str:
        """The lower line, as many characters as the upper and none of them a blank.

        Args:
            upper: T characters, any but blanks: these are copied around the decoder.
            log_probs: (T, U) float32 log-probabilities, without NaN; -inf is a probability of 0.
                Logits will do: what is added to a whole position changes no answer.
            tokens: U characters by id; id 0 is the unknown.
        """


class PictureDecoder(ABC):
    """Turns what two heads say of pictures into one distribution over classes.

    Attributes:
        alpha: weight of the main head, 0 to 1.
        fixed: whether the config gives alpha, so that it is not to be chosen.
        top: how many classes an answer names.
    """

    alpha: float
    fixed: bool
    top: int

    @abstractmethod
    def probabilities(self, main: np.ndarray, aux: np.ndarray) -> np.ndarray:
        """Log-probabilities of both heads (B, U) -> probabilities (B, U)."""

    @abstractmethod
    def choose(self, main: np.ndarray, aux: np.ndarray, labels: np.ndarray) -> float:
        """The best alpha for pictures whose classes are known: log-probabilities (B, U), labels (B,)."""
