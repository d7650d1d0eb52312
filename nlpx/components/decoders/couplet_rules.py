"""The best lower line that keeps the four rules of couplets, as an assignment problem."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from nlpx.components.decoders.assignment import IMPOSSIBLE, distinct_columns
from nlpx.components.decoders.base import PLACEHOLDER
from nlpx.components.decoders.line import LineDecoder
from nlpx.core.lazy import np
from nlpx.text.punctuation import is_punctuation


class CoupletRules(LineDecoder):
    """The most probable lower line that keeps the four rules of couplets.

    Punctuation is copied, and so are blanks, by the task. No other character of the upper line is used; equal
    characters are below equal characters, different ones below different ones. This is an exact assignment:

    max over injective y of  sum over distinct upper characters g, positions i of g, of log p(y_g | upper, i)

    If the vocabulary has too few characters that may be used, the others become □.

    Options: none.
    Shapes: log-probabilities (T, U) -> T characters.
    Data: upper lines of couplets.
    Relations: the four numbers of the metric rule_violations are 0 by construction.
    Reference: rules measured on the public couplet corpus; assignment: Kuhn 1955, Munkres 1957.
    Example:
        decode: {type: couplet_rules}
    """

    type: Literal["couplet_rules"] = "couplet_rules"

    def decode(self, upper: str, log_probs: np.ndarray, tokens: Sequence[str]) -> str:
        if len(upper) != len(log_probs):
            raise ValueError(f"{len(upper)} characters need as many rows; got scores {log_probs.shape}")
        self._read(tokens)
        groups: dict[str, list[int]] = {}
        for position, character in enumerate(upper):
            if not is_punctuation(character):
                groups.setdefault(character, []).append(position)
        if not groups:
            return upper
        scores = _group_scores(log_probs, list(groups.values()))
        np.maximum(scores, IMPOSSIBLE, out=scores)
        banned = self._never + [self._ids[character] for character in groups if character in self._ids]
        scores[:, banned] = -np.inf
        best = distinct_columns(scores, scores.shape[1] - len(banned))
        lower = (PLACEHOLDER if v is None else tokens[v] for v in best)
        below = dict(zip(groups, lower, strict=True))
        return "".join(below.get(character, character) for character in upper)

    def may_use(self, token: str) -> bool:
        return len(token) == 1 and not token.isspace() and not is_punctuation(token)


def _group_scores(log_probs: np.ndarray, groups: Sequence[Sequence[int]]) -> np.ndarray:
    """Scores (G, U) of one character for all positions of each group: a new array."""
    scores = log_probs[[positions[0] for positions in groups]]
    for row, positions in zip(scores, groups, strict=True):
        for position in positions[1:]:
            row += log_probs[position]
    return scores
