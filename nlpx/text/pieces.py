"""Split long texts into pieces."""

from __future__ import annotations

from itertools import pairwise

from nlpx.text.punctuation import CLAUSE_END, SENTENCE_END


def cut(text: str, limit: int) -> list[str]:
    """Pieces of at most `limit` characters that concatenate to the text; [] for the empty text.

    A piece ends after the last punctuation mark that ends a sentence, or otherwise a clause, or at the limit.
    """
    return [text[start:stop] for start, stop in pairwise([0, *piece_ends(text, limit)])]


def piece_ends(text: str, limit: int) -> list[int]:
    """Where the pieces of `cut` end, ascending."""
    if limit < 1:
        raise ValueError(f"expected a limit of at least 1; got {limit}")
    ends = []
    start = 0
    while len(text) - start > limit:
        start = _last_after(text, start, start + limit)
        ends.append(start)
    return [*ends, len(text)] if start < len(text) else ends


def _last_after(text: str, start: int, stop: int) -> int:
    for marks in (SENTENCE_END, CLAUSE_END):
        end = 1 + max(text.rfind(mark, start, stop) for mark in marks)
        if end:
            return end
    return stop
