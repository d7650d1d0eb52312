"""Lexicon features for segmentation: how often a span of characters is a word in the training split.

For every span of 2 to 5 characters that is a word somewhere in the training split, its level encodes the
proportion of its occurrences that are segmented as that word. The features of a position are, for each
length, the levels of the span that begins there and of the span that ends there.

The words and spans of a training row are subtracted from the counts before its features are computed.
Otherwise the model would rely on the lexicon too much.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np

from nlpx.text.code_points import code_points
from nlpx.text.spans import LENGTHS, SpanLevels, levels_of, spans
from nlpx.text.vocabulary import Vocabulary

SHARES = (0.05, 0.3, 0.7, 0.95)
SURE_COUNT = 3
"""Minimum count of a word for the highest level."""
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
        if own is None:
            return self.features_of_texts(code_points(text), np.array([len(text)]))
        words = Counter(lexicon_words(own))
        found = Counter(span for _, span in spans(text) if span in self._levels)
        levels = {
            span: level(self._counts[span][0] - words[span], self._counts[span][1] - count)
            for span, count in found.items()
        }
        return levels_of(text, levels.get)

    def features_of_texts(self, codes: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """Levels of every position of texts, one after another, (N, FIELDS) uint8; see `SpanLevels`."""
        return self._span_levels.of_texts(codes, lengths)

    @cached_property
    def _span_levels(self) -> SpanLevels:
        return SpanLevels(self._levels)
