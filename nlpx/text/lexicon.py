"""Lexicon features for segmentation: how often a span of characters is a word in the training split.

For every span of 2 to 5 characters that is a word somewhere in the training split, its level encodes the
proportion of its occurrences that are segmented as that word. The features of a position are, for each
length, the levels of the span that begins there and of the span that ends there.

The words and spans of a training row are subtracted from the counts before its features are computed.
Otherwise the model would rely on the lexicon too much.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from nlpx.text.vocabulary import Vocabulary

LENGTHS = (2, 3, 4, 5)
SHARES = (0.05, 0.3, 0.7, 0.95)
SURE_COUNT = 3
"""Minimum count of a word for the highest level."""
DEPTH = 8
"""Levels are below this."""
FIELDS = 2 * len(LENGTHS)
"""Levels of a position: for each length, of the span that begins there and of the one that ends there."""
WORDS, STRETCHES = "lexicon_words", "lexicon_stretches"
"""Names of the two vocabularies that provide the counts."""


def level(as_word: int, in_all: int) -> int:
    """0: not seen; 1: seen, but never as a word; 2 to 6: increasing proportion of occurrences as a word."""
    if in_all <= 0:
        return 0
    if as_word <= 0:
        return 1
    share = as_word / in_all
    return 2 + sum(share > s for s in SHARES[:-1]) + (share > SHARES[-1] and as_word >= SURE_COUNT)


def lexicon_words(words: Iterable[str]) -> list[str]:
    """The words whose length is covered by the lexicon."""
    return [word for word in words if len(word) in LENGTHS]


def stretches(text: str) -> Iterator[tuple[int, str]]:
    """All spans of a text with their positions, shortest first."""
    for length in LENGTHS:
        for start in range(len(text) - length + 1):
            yield start, text[start : start + length]


class Lexicon:
    """Levels of spans, from the counts of WORDS and STRETCHES in the training split."""

    def __init__(self, words: Vocabulary, in_all: Vocabulary) -> None:
        occurrences = dict(zip(in_all.tokens[1:], in_all.counts[1:], strict=True))
        self._counts = {
            word: (count, occurrences.get(word, 0))
            for word, count in zip(words.tokens[1:], words.counts[1:], strict=True)
        }
        self._levels = {word: level(*counts) for word, counts in self._counts.items()}

    @classmethod
    def of(cls, vocabularies: Mapping[str, Vocabulary]) -> Lexicon:
        return cls(vocabularies[WORDS], vocabularies[STRETCHES])

    def features(self, text: str, own: Sequence[str] | None = None) -> np.ndarray:
        """Levels of every position, (len(text), FIELDS) uint8, not counting the `own` words of a row."""
        levels = self._levels
        if own is not None:
            words = Counter(lexicon_words(own))
            found = Counter(s for _, s in stretches(text) if s in levels)
            levels = {
                s: level(self._counts[s][0] - words[s], self._counts[s][1] - count)
                for s, count in found.items()
            }
        found_levels = np.zeros((len(text), FIELDS), np.uint8)
        get = levels.get
        for row, length in enumerate(LENGTHS):
            for start in range(len(text) - length + 1):
                value = get(text[start : start + length])
                if value:
                    found_levels[start, 2 * row] = value
                    found_levels[start + length - 1, 2 * row + 1] = value
        return found_levels
