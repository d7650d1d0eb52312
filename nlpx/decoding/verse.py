"""The decoder of verses: one character a position, no character twice, lines that rhyme."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from nlpx.components.rhymes.base import Rhymes
from nlpx.decoding.assignment import distinct_columns
from nlpx.decoding.base import PLACEHOLDER
from nlpx.decoding.rhyming import rhyming_columns
from nlpx.text.verse import rhyme_positions

IMPOSSIBLE = -1e9
"""Stands for log 0, so that every position gets a character."""


class VerseDecoder:
    """The most probable verse, or a sampled one, among those without a repeated character.

        argmax:  max over injective x of  sum_t log p(x_t | z)
        sample:  max over injective x of  sum_t log p(x_t | z) / c + g_tx,   g Gumbel noise

    Without `distinct` each position is decided by itself, and `sample` then draws from p(x_t | z)^(1/c),
    normalized. The unknown is never an answer. Where the vocabulary has too few characters, positions that
    get none show □.

    With `rhymes` the maximum is taken over verses whose second and fourth line end in different characters of
    one class. An opening that ends such a line leaves the classes of its end. Where no class has characters
    enough, the verse is decoded without the rule.

    Args:
        temperature: the latent vector is drawn from N(0, temperature^2).
        choose: how a character is chosen.
        softness: c, the temperature of `sample`; argmax ignores it.
        distinct: no character twice in a verse.
        rhymes: which characters rhyme; None asks for no rhyme. Verses then are quatrains.
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
        rhymes: Rhymes | None = None,
        candidates: int = 512,
        seed: int = 0,
    ) -> None:
        self.temperature = temperature
        self.choose = choose
        self.softness = softness
        self.distinct = distinct
        self.rhymes = rhymes
        self.candidates = candidates
        self.seed = seed
        self._tokens: Sequence[str] = ()
        self._ids: dict[str, np.ndarray] = {}

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
        rhyming = self._rhyming(scores, tokens, opening, self.rhymes) if self.rhymes else None
        best = rhyming or self._free(scores, scores.shape[1] - len(banned))
        return opening + "".join(PLACEHOLDER if v is None else tokens[v] for v in best)

    def _free(self, scores: np.ndarray, allowed: int) -> list[int | None]:
        """The best ids without regard to rhyme."""
        best: list[int | None] = [int(v) if allowed else None for v in scores.argmax(axis=1)]
        if self.distinct and len(set(best)) < len(best):
            best = distinct_columns(scores, allowed)
        return best

    def _rhyming(
        self, scores: np.ndarray, tokens: Sequence[str], opening: str, rhymes: Rhymes
    ) -> list[int] | None:
        """The best ids that rhyme, with one another and with the opening; None where none do."""
        ends = rhyme_positions(len(opening) + len(scores))
        given = [opening[end] for end in ends if end < len(opening)]
        rows = [end - len(opening) for end in ends if end >= len(opening)]
        classes = self.rhyme_classes(tokens)
        for character in given:
            names = rhymes.classes(character)
            own = [v for v, token in enumerate(tokens) if token == character]
            classes = {name: np.setdiff1d(ids, own) for name, ids in classes.items() if name in names}
        return rhyming_columns(scores, classes.values(), rows, self.distinct)

    def rhyme_classes(self, tokens: Sequence[str]) -> dict[str, np.ndarray]:
        """The ids of every class of rhyme, of those that have two characters of the vocabulary."""
        if self.rhymes is not None and tokens is not self._tokens:
            found: dict[str, list[int]] = {}
            for v, token in enumerate(tokens[1:], start=1):
                for name in sorted(self.rhymes.classes(token)):
                    found.setdefault(name, []).append(v)
            self._ids = {name: np.array(ids) for name, ids in found.items() if len(ids) > 1}
            self._tokens = tokens
        return self._ids
