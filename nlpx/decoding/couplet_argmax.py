"""The decoder of the source article: every position by itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nlpx.decoding.base import PLACEHOLDER, CoupletDecoder


class CoupletArgmax(CoupletDecoder):
    """The most probable character of each position that is neither the upper character there nor the unknown.

        lower_i = argmax over v, v != 0 and v != upper_i, of log p(v | upper, i)

    Punctuation is therefore never copied; blanks are, around the decoder, and they are no answer either.
    Where nothing else has a probability above 0, the answer is □.
    Reference: kexue.fm archive 6270.
    """

    def __init__(self) -> None:
        self._tokens: Sequence[str] = ()
        self._never: list[int] = []

    def decode(self, upper: str, log_probs: np.ndarray, tokens: Sequence[str]) -> str:
        if tokens is not self._tokens:
            # A blank is only in vocabularies of rows that had some, when these were not yet left out.
            self._never = [v for v, token in enumerate(tokens) if v == 0 or token.isspace()]
            self._tokens = tokens
        scores = log_probs.copy()
        if len(scores):
            scores[:, self._never] = -np.inf
        lower = []
        for character, row in zip(upper, scores, strict=True):
            best = row.argmax()
            if tokens[best] == character:
                row[best] = -np.inf
                best = row.argmax()
            lower.append(tokens[best] if row[best] > -np.inf else PLACEHOLDER)
        return "".join(lower)
