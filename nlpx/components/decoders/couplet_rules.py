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

    max over injective y of sum_g sum_(i: u_i = g) log p(y_g | u, i)

    g are the distinct characters of the upper line u, i their positions. If the vocabulary has too few
    characters that may be used, the others become □.

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
        usable = self._read(tokens)
        groups: dict[str, list[int]] = {}
        for position, character in enumerate(upper):
            if not is_punctuation(character):
                groups.setdefault(character, []).append(position)
        if not groups:
            return upper
        banned = {usable.ids[character] for character in groups if character in usable.ids}
        best = _highest(log_probs, list(groups.values()))
        if len(set(best)) < len(best) or not (banned.isdisjoint(best) and usable.forbidden.isdisjoint(best)):
            best = _assigned(log_probs, list(groups.values()), [*usable.never, *banned])
        lower = (PLACEHOLDER if v is None else tokens[v] for v in best)
        below = dict(zip(groups, lower, strict=True))
        return "".join(below.get(character, character) for character in upper)

    def may_use(self, token: str) -> bool:
        return len(token) == 1 and not token.isspace() and not is_punctuation(token)


def _assigned(
    log_probs: np.ndarray, groups: Sequence[Sequence[int]], banned: Sequence[int]
) -> list[int | None]:
    """The best different columns for groups of positions; None where too few may be used."""
    scores = _group_scores(log_probs, groups)
    scores[scores < IMPOSSIBLE] = IMPOSSIBLE
    scores[:, banned] = -np.inf
    return distinct_columns(scores, scores.shape[1] - len(banned))


def _highest(log_probs: np.ndarray, groups: Sequence[Sequence[int]]) -> list[int | None]:
    """The best column of each group, whether or not it may be used, without a copy of the scores."""
    highest = log_probs.argmax(axis=1)
    for positions in groups:
        if len(positions) > 1:
            highest[positions[0]] = _group_scores(log_probs, [positions])[0].argmax()
    best: list[int | None] = highest[[positions[0] for positions in groups]].tolist()
    return best


def _group_scores(log_probs: np.ndarray, groups: Sequence[Sequence[int]]) -> np.ndarray:
    """Scores (G, U) of one character for all positions of each group: a new array."""
    scores = log_probs[[positions[0] for positions in groups]]
    for row, positions in zip(scores, groups, strict=True):
        for position in positions[1:]:
            row += log_probs[position]
    return scores
