"""What a decoder is that writes a text token by token."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import tensorflow as tf

Step: TypeAlias = "Callable[[tf.Tensor, Any], tuple[tf.Tensor, Any]]"
"""Last tokens (B, K) int32 and nested states (B, K, ...) -> log-probabilities (B, K, V) float32 of the next
token, and the states after it. It must treat every hypothesis by itself."""


class Hypotheses(NamedTuple):
    """The answer to every row; tensors in a graph, NumPy arrays outside.

    Attributes:
        tokens: (B, L) int32; what follows `lengths` has no meaning.
        lengths: number of tokens before the end, (B,) int32.
        finished: whether the end was written, (B,) bool.
        scores: sum of log p of the tokens, the end among them, (B,) float32.
    """

    tokens: Any
    lengths: Any
    finished: Any
    scores: Any


class SequenceDecoder(ABC):
    """Chooses the tokens of an answer; used inside a compiled graph."""

    width: int
    """Hypotheses of every row."""

    def uniforms(self, texts: Sequence[str]) -> np.ndarray:
        """The random numbers of these texts, (n, any) float32 in [0, 1): the same in every batch."""
        return np.zeros((len(texts), 0), np.float32)

    @abstractmethod
    def decode(
        self,
        step: Step,
        states: Any,
        uniforms: tf.Tensor,
        *,
        start: int,
        end: int,
        banned: Sequence[int],
    ) -> Hypotheses:
        """The answers, by a loop over `step`.

        Args:
            step: the model.
            states: before the first token, (B, width, ...).
            uniforms: random numbers.
            start: token that stands before the first one.
            end: token that ends an answer.
            banned: tokens that are never written.
        """
