"""How surely a stretch of text is a word, by the training rows: a feature for segmentation.

For every stretch of 2 to 5 characters that is a word somewhere in the training rows, its level says which
share of its occurrences are that word. A position carries, for each length, the level of the stretch that
begins at it and of the one that ends at it.

A training row must not see itself, or the model would trust the lexicon blindly: its own words and stretches
are subtracted from the counts before its features are computed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from nlpx.text.vocabulary import Vocabulary

LENGTHS = (2, 3, 4, 5)
SHARES = (0.05, 0.3, 0.7, 0.95)
SURE_COUNT = 3
"""A word seen less often is never of the highest level."""
BITS = 3
FIELDS = 2 * len(LENGTHS)
"""A feature is an integer of FIELDS levels of BITS bits: begin and end of the shortest length lowest."""
WORDS, STRETCHES = "lexicon_words", "lexicon_stretches"
"""Names of the two vocabularies whose counts make a lexicon."""


def level(as_word: int, in_all: int) -> int:
    """0: not seen; 1: seen, never as a word; 2 to 6: the share of occurrences that are the word grows."""
    if in_all <= 0:
        return 0
    if as_word <= 0:
        return 1
    share = as_word / in_all
    return 2 + sum(share > s for s in SHARES[:-1]) + (share > SHARES[-1] and as_word >= SURE_COUNT)


def lexicon_words(words: Iterable[str]) -> list[str]:
    """The words that are long and short enough for a lexicon."""
    return [word for word in words if len(word) in LENGTHS]


def stretches(text: str) -> Iterator[tuple[int, str]]:
    """Every stretch of a text with its position, short ones first."""
    for length in LENGTHS:
        for start in range(len(text) - length + 1):
            yield start, text[start : start + length]


class Lexicon:
    """Levels of stretches by the counts of the training rows.

    Args:
        words: counts of words (WORDS).
        in_all: counts of the same strings as stretches of text (STRETCHES).
    """

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
        """Packed levels of every position, (len(text),) int32.

        Args:
            text: normalized text.
            own: for a training row, its words, which are left out of the counts.
        """
        levels = self._levels
        if own is not None:
            words = Counter(lexicon_words(own))
            found = Counter(s for _, s in stretches(text) if s in levels)
            levels = {
                s: level(self._counts[s][0] - words[s], self._counts[s][1] - count)
                for s, count in found.items()
            }
        begins = np.zeros((len(LENGTHS), len(text)), np.int32)
        ends = np.zeros_like(begins)
        get = levels.get
        for row, length in enumerate(LENGTHS):
            for start in range(len(text) - length + 1):
                value = get(text[start : start + length])
                if value:
                    begins[row, start] = value
                    ends[row, start + length - 1] = value
        packed = np.zeros(len(text), np.int32)
        for row in range(len(LENGTHS)):
            packed |= begins[row] << (2 * row * BITS) | ends[row] << ((2 * row + 1) * BITS)
        return packed
