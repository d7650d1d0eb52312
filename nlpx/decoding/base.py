"""What a decoder of couplets is."""

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
        """The lower line, as many characters as the upper.

        Args:
            upper: T characters, any.
            log_probs: (T, U) float32 log-probabilities, without NaN; -inf is a probability of 0.
                Logits will do: what is added to a whole position changes no answer.
            tokens: U characters by id; id 0 is the unknown.
        """
