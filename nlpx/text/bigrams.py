"""A smoothed bigram language model of characters."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise

DISCOUNT = 0.75


class BigramModel:
    """p(text) = prod of lines p(c_1) prod_i p(c_i | c_i-1), by absolute discounting.

        p(b | a) = max(n(ab) - d, 0) / n(a) + (1 - sum_b' max(n(ab') - d, 0) / n(a)) p(b)
        p(b) = (n(b) + 1) / (N + V)

    The sum over the V characters of the vocabulary, including the unknown one, is 1 for every a. Bigrams that
    were not kept, and ends of lines, contribute to p(b).

    Args:
        characters: n(b) by character; the key "" counts unknown characters.
        bigrams: n(ab) by bigram; the sum over b is at most n(a).

    Source: Ney, Essen and Kneser 1994.
    """

    def __init__(self, characters: Mapping[str, int], bigrams: Mapping[str, int]) -> None:
        self._characters = characters
        self._total = sum(characters.values()) + len(characters)
        self._discounted: dict[str, float] = {}
        kept: dict[str, float] = {}
        for pair, count in bigrams.items():
            first = pair[0]
            if first in characters and pair[1] in characters and count > DISCOUNT:
                share = (count - DISCOUNT) / characters[first]
                self._discounted[pair] = share
                kept[first] = kept.get(first, 0.0) + share
        self._left = {first: 1 - share for first, share in kept.items()}

    def unigram(self, character: str) -> float:
        """p(b); characters outside the vocabulary share the probability of the unknown character."""
        known = character if character in self._characters else ""
        return (self._characters.get(known, 0) + 1) / self._total

    def probability(self, first: str, second: str) -> float:
        """p(b | a)."""
        backed_off = self._left.get(first, 1.0) * self.unigram(second)
        return self._discounted.get(first + second, 0.0) + backed_off

    def log_probability(self, line: str) -> float:
        """log p of one line in nats."""
        if not line:
            return 0.0
        rest = sum(math.log(self.probability(a, b)) for a, b in pairwise(line))
        return math.log(self.unigram(line[0])) + rest
