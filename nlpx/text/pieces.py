"""Split long texts into pieces."""

from __future__ import annotations

from nlpx.text.punctuation import CLAUSE_END, SENTENCE_END


def cut(text: str, limit: int) -> list[str]:
    """Pieces of at most `limit` characters that concatenate to the text; [] for the empty text.

    A piece ends after the last punctuation mark that ends a sentence, or otherwise a clause, or at the limit.
    """
    if limit < 1:
        raise ValueError(f"expected a limit of at least 1; got {limit}")
    pieces = []
    start = 0
    while len(text) - start > limit:
        stop = _last_after(text, start, start + limit)
        pieces.append(text[start:stop])
        start = stop
    return [*pieces, text[start:]] if start < len(text) else pieces


def _last_after(text: str, start: int, stop: int) -> int:
    for marks in (SENTENCE_END, CLAUSE_END):
        for end in range(stop, start, -1):
            if text[end - 1] in marks:
                return end
    return stop
