"""Long texts in pieces that a model can take."""

from __future__ import annotations

from nlpx.text.punctuation import CLAUSE_END, SENTENCE_END


def cut(text: str, limit: int) -> list[str]:
    """Pieces of at most `limit` characters that join into the text; [] for the empty text.

    A piece ends after the last mark of a sentence's end that fits, else after the last one of a clause's end,
    else where the limit is.
    """
    if limit < 1:
        raise ValueError(f"a piece has at least one character; got a limit of {limit}")
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
