"""The best character of every position."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from nlpx.components.decoders.base import PLACEHOLDER
from nlpx.components.decoders.line import LineDecoder
from nlpx.core.lazy import np


class Argmax(LineDecoder):
    """The best character of every position by itself, never the input character of that position.

    lower_i = argmax over v != upper_i of log p(v | upper, i)

    v is no blank, and □ where nothing else has a probability above 0.

    Options: none.
    Shapes: log-probabilities (T, U) -> T characters.
    Data: upper lines of couplets.
    Relations: the original decoder; it cannot copy punctuation. Blanks are copied, as the task does that.
    Reference: kexue.fm archive 6270.
    Example:
        decode: {type: argmax}
    """

    type: Literal["argmax"] = "argmax"

    def decode(self, upper: str, log_probs: np.ndarray, tokens: Sequence[str]) -> str:
        usable = self._read(tokens)
        if not upper:
            return ""
        scores = log_probs.copy()
        scores[:, usable.never] = -np.inf
        for character, row in zip(upper, scores, strict=True):
            row[usable.ids.get(character, 0)] = -np.inf
        best = scores.argmax(axis=1).tolist()
        return "".join(
            tokens[v] if row[v] > -np.inf else PLACEHOLDER for v, row in zip(best, scores, strict=True)
        )

    def may_use(self, token: str) -> bool:
        # A blank is only in vocabularies of runs that were trained when blanks were not yet left out.
        return not token.isspace()
