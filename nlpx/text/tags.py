"""Words as tags of characters: s single, b begin, m middle, e end of a word (Xue 2003)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from nlpx.text.code_points import code_points

TAGS = "sbme"
SINGLE, BEGIN, MIDDLE, END = range(len(TAGS))


def _table(*rows: str) -> np.ndarray:
    table = np.array([[cell == "1" for cell in row] for row in rows]).squeeze()
    table.setflags(write=False)
    return table


LEGAL_TRANSITIONS = _table("1100", "0011", "0011", "1100")
"""(4, 4) bool: whether the tag of the row can be followed by the tag of the column."""
LEGAL_START = _table("1100")
"""(4,) bool: possible tags of the first character."""
LEGAL_STOP = _table("1001")
"""(4,) bool: possible tags of the last character."""


def tags_of(words: Sequence[str]) -> np.ndarray:
    """Tags of the characters of all words, (T,) int32. Empty words have no tags."""
    lengths = np.fromiter(filter(None, map(len, words)), np.int64)
    ends = lengths.cumsum()
    tags = np.full(int(lengths.sum()), MIDDLE, np.int32)
    tags[ends - lengths] = BEGIN
    tags[ends - 1] = END
    tags[(ends - 1)[lengths == 1]] = SINGLE
    return tags


def words_of(text: str, tags: np.ndarray) -> tuple[str, ...]:
    """The words of a text, which concatenate to the text for any characters and tags.

    Illegal tag sequences are accepted: a word ends after s and e, before s and b, and at the end of the text.

    Raises:
        ValueError: text and tags differ in length.
    """
    if np.shape(tags) != (len(text),):
        raise ValueError(f"{len(text)} characters need as many tags; got an array of shape {np.shape(tags)}")
    if not text:
        return ()
    borders = LEGAL_STOP[tags[:-1]] | LEGAL_START[tags[1:]]
    bounds = [0, *(np.flatnonzero(borders) + 1).tolist(), len(text)]
    return tuple(map(text.__getitem__, map(slice, bounds, bounds[1:])))


def words_of_texts(texts: Sequence[str], tags: np.ndarray) -> Iterator[list[str]]:
    """The words of every text as in `words_of`, except that blanks are words whatever their tag.

    Args:
        tags: of the characters of all texts, one after another, (N,) integers.
    """
    joined = "".join(texts)
    if len("".join(joined.split())) < len(joined):
        blanks = [ord(char) for char in set(joined) if char.isspace()]
        tags = np.where(np.isin(code_points(joined), blanks), SINGLE, tags)
    ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)))
    last = np.ones(len(joined), bool)
    last[:-1] = LEGAL_STOP[tags[:-1]] | LEGAL_START[tags[1:]]
    last[ends[ends > 0] - 1] = True
    bounds = np.flatnonzero(last) + 1
    stops = bounds.tolist()
    words = list(map(joined.__getitem__, map(slice, [0, *stops[:-1]], stops)))
    start = 0
    for stop in np.searchsorted(bounds, ends, side="right").tolist():
        yield words[start:stop]
        start = stop
