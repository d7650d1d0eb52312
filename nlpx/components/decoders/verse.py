"""The decoder of verses: one character a position, no character twice, lines that rhyme."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from pydantic import PrivateAttr

from nlpx.components.decoders.assignment import IMPOSSIBLE, distinct_columns, rhyming_columns
from nlpx.components.decoders.base import PLACEHOLDER, Decoder
from nlpx.components.rhymes.base import Rhymes
from nlpx.core.lazy import np
from nlpx.core.options import NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt
from nlpx.text.verse import rhyme_positions


class Verse(Decoder):
    """The most probable verse for a latent vector, or a sampled one, that keeps the rules asked for.

    max over injective x of sum_t log p(x_t | z)

    With sample, the same of log p(x_t | z) / softness plus Gumbel noise, which without `distinct` draws from
    the softmax of every position. With `rhymes`, over those x whose second and fourth line end in different
    characters of one class.

    The unknown is never used. Where the vocabulary has too few characters, positions that get none show □. An
    opening that ends a line which rhymes leaves the classes of its end. Where no class has characters
    enough, the verse is decoded without the rule.

    Options:
        temperature: latent vectors are drawn from N(0, temperature^2); below 1 verses are more ordinary.
        choose: argmax or sample.
        softness: temperature of sample.
        distinct: no character twice in a verse, by an exact assignment.
        rhymes: the classes of characters that rhyme; empty asks for no rhyme. For quatrains.
        candidates: latent vectors among which one is drawn that suits an opening.
        seed: of openings and of the verses that evaluation generates; `nlpx predict --seed` has its own.
    Shapes: log-probabilities (T, U) -> T characters.
    Data: verses.
    Relations: the metrics novelty and rhyme measure verses of this decoder.
    Reference: kexue.fm archive 5332; Gumbel noise: Yellott 1977; assignment: Kuhn 1955, Munkres 1957.
    Example:
        decode: {type: verse, temperature: 0.8}
    """

    needs: ClassVar[frozenset[str]] = frozenset({"latent"})

    type: Literal["verse"] = "verse"
    temperature: NonNegativeFloat = 1.0
    choose: Literal["argmax", "sample"] = "argmax"
    softness: PositiveFloat = 1.0
    distinct: bool = True
    rhymes: Rhymes | None = None
    candidates: PositiveInt = 512
    seed: NonNegativeInt = 0

    _tokens: Sequence[str] = PrivateAttr(())
    _classes: dict[str, Any] = PrivateAttr(default_factory=dict)

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
        best = self._rhyming(scores, tokens, opening, self.rhymes) if self.rhymes else None
        if best is None and self.distinct:
            best = distinct_columns(scores, allowed)
        elif best is None:
            best = scores.argmax(axis=1).tolist() if allowed else [None] * len(scores)
        return opening + "".join(PLACEHOLDER if v is None else tokens[v] for v in best)

    def _rhyming(
        self, scores: np.ndarray, tokens: Sequence[str], opening: str, rhymes: Rhymes
    ) -> list[int | None] | None:
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
            self._classes = {name: np.array(ids) for name, ids in found.items() if len(ids) > 1}
            self._tokens = tokens
        return self._classes
