"""Accessor variety: before and after how many different characters a span of raw text occurs."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from nlpx.text.code_points import code_points
from nlpx.text.spans import DEPTH, LENGTHS, SpanLevels
from nlpx.text.vocabulary import Vocabulary

VARIETIES = "accessor_varieties"
"""Name of the vocabulary that has them as counts."""
LEAST = 4
"""Spans with less variety are left out; most spans that occur by chance have less."""
BORDER = re.compile(r"[\W_]+")
"""What is between two texts, or in their place: spaces, punctuation, symbols."""


def accessor_varieties(texts: Iterable[str]) -> dict[str, int]:
    """The spans of LENGTHS characters of raw texts whose variety is at least LEAST.

        variety(s) = min(before(s), after(s))

    before(s) is the number of different characters before occurrences of s, in which a border (the beginning
    of a text, a space, a punctuation mark) counts every time it occurs; after(s) likewise. Words are free in
    what precedes and follows them, other spans are not. Memory: about 65 bytes per character.

    Source: Feng et al. 2004, Accessor variety criteria for Chinese word extraction.
    """
    joined = "\n".join(("", *(BORDER.sub("\n", text) for text in texts), ""))
    letters, codes = np.unique(np.frombuffer(joined.encode("utf-32-le"), "<u4"), return_inverse=True)
    codes = codes.astype(np.int64)  # 0 is a border, because "\n" is the smallest code point
    starts = np.flatnonzero(codes)
    spans = codes[starts]
    found: dict[str, int] = {}
    for length in range(2, max(LENGTHS) + 1):
        last = codes[starts + length - 1]
        starts, last, spans = starts[last > 0], last[last > 0], spans[last > 0]
        _, spans, counts = np.unique(spans * len(letters) + last, return_inverse=True, return_counts=True)
        frequent = counts[spans] >= LEAST  # a longer span is no more frequent than its beginning
        starts, spans = starts[frequent], spans[frequent]
        if not len(starts):
            break
        before = _different(spans, codes[starts - 1], len(letters))
        after = _different(spans, codes[starts + length], len(letters))
        variety = np.minimum(before, after)
        various, places = np.unique(spans[variety[spans] >= LEAST], return_index=True)
        places = starts[variety[spans] >= LEAST][places]
        for place, number in zip(places.tolist(), variety[various].tolist(), strict=True):
            found[joined[place : place + length]] = number
    return found


def _different(spans: np.ndarray, neighbours: np.ndarray, letters: int) -> np.ndarray:
    """The number of different neighbours of each span, (largest span + 1,); borders count repeatedly."""
    pairs = np.unique(spans[neighbours > 0] * letters + neighbours[neighbours > 0])
    size = int(spans.max()) + 1
    return np.bincount(pairs // letters, minlength=size) + np.bincount(spans[neighbours == 0], minlength=size)


def level(variety: int) -> int:
    """0 below LEAST; then 1 for 4 to 7, 2 for 8 to 15, and so on, up to DEPTH - 1."""
    return min((variety // LEAST).bit_length(), DEPTH - 1)


class AccessorVariety:
    """Levels of spans from their varieties."""

    def __init__(self, varieties: Vocabulary) -> None:
        known = zip(varieties.tokens[1:], varieties.counts[1:], strict=True)
        self._levels = SpanLevels({span: level(variety) for span, variety in known})

    def features(self, text: str) -> np.ndarray:
        """Levels of every position, (len(text), FIELDS) uint8."""
        return self.features_of_texts(code_points(text), np.array([len(text)]))

    def features_of_texts(self, codes: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """Levels of every position of texts, one after another, (N, FIELDS) uint8; see `SpanLevels`."""
        return self._levels.of_texts(codes, lengths)
