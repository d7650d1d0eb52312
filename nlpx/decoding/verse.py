"""The decoder of verses: one character a position, no character twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from nlpx.decoding.assignment import distinct_columns
from nlpx.decoding.base import PLACEHOLDER

IMPOSSIBLE = -1e9
"""Stands for log 0, so that every position gets a character."""


class VerseDecoder:
    """The most probable verse, or a sampled one, among those without a repeated character.

        argmax:  max over injective x of  sum_t log p(x_t | z)
        sample:  max over injective x of  sum_t log p(x_t | z) / c + g_tx,   g Gumbel noise

    Without `distinct` each position is decided by itself, and `sample` then draws from p(x_t | z)^(1/c),
    normalized. The unknown is never an answer. Where the vocabulary has too few characters, positions that
    get none show □.

    Args:
        temperature: the latent vector is drawn from N(0, temperature^2).
        choose: how a character is chosen.
        softness: c, the temperature of `sample`; argmax ignores it.
        distinct: no character twice in a verse.
        candidates: latent vectors among which one is drawn that suits an opening.
        seed: of the latent vectors for openings and for evaluation.

    Source: Gumbel noise: Yellott 1977; assignment: Kuhn 1955, Munkres 1957.
    """

    def __init__(
        self,
        temperature: float = 1.0,
        choose: Literal["argmax", "sample"] = "argmax",
        softness: float = 1.0,
        distinct: bool = True,
        candidates: int = 512,
        seed: int = 0,
    ) -> None:
        self.temperature = temperature
        self.choose = choose
        self.softness = softness
        self.distinct = distinct
        self.candidates = candidates
        self.seed = seed

    def decode(
        self, log_probs: np.ndarray, tokens: Sequence[str], rng: np.random.Generator, opening: str = ""
    ) -> str:
        """A verse of T characters that begins with `opening`.

        Args:
            log_probs: (T, U) float32; -inf is a probability of 0.
            tokens: U characters by id; id 0 is the unknown.
            rng: where sampling takes its noise from.
            opening: at most T characters, kept as they are.
        """
        scores = np.maximum(log_probs[len(opening) :], IMPOSSIBLE)
        if not len(scores):
            return opening
        if self.choose == "sample":
            scores = scores / self.softness + rng.gumbel(size=scores.shape)
        taken = [v for v, token in enumerate(tokens) if token in opening] if self.distinct and opening else []
        banned = sorted({0, *taken})
        scores[:, banned] = -np.inf
        allowed = scores.shape[1] - len(banned)
        best: list[int | None] = [int(v) if allowed else None for v in scores.argmax(axis=1)]
        if self.distinct and len(set(best)) < len(best):
            best = distinct_columns(scores, allowed)
        return opening + "".join(PLACEHOLDER if v is None else tokens[v] for v in best)
