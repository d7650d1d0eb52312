"""The best lower line that keeps the four rules of couplets, as an assignment problem."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nlpx.decoding.assignment import distinct_columns
from nlpx.decoding.base import PLACEHOLDER, CoupletDecoder
from nlpx.text.punctuation import is_punctuation

IMPOSSIBLE = -1e9
"""Stands for log 0, so that a line can be answered even if nothing probable is left."""


class CoupletRulesDecoder(CoupletDecoder):
    """The most probable lower line among those that keep the rules.

    Punctuation is copied. The other characters of the upper line form groups, one for each distinct
    character (two that the vocabulary does not know differ). Each group gets one answer for all its
    positions, no two groups the same one, none that stands in the upper line, is punctuation, a blank or
    unknown:

        max over injective y of  sum over groups g, positions i in g, of log p(y_g | upper, i)

    The result is exact. If the best answers of the groups differ, they are the optimum. Otherwise, with G
    groups, only the G best allowed answers of each group need be looked at: were another one in an optimum,
    one of those G would be left unused by the G - 1 other groups and be at least as good. A linear
    assignment among them is solved (Kuhn 1955, Munkres 1957).

    If the vocabulary holds fewer allowed answers than there are groups, as many groups as possible are
    answered, and the others get □; only then can two groups have the same answer.
    """

    def __init__(self) -> None:
        self._tokens: Sequence[str] = ()
        self._ids: dict[str, int] = {}
        self._never: list[int] = []

    def decode(self, upper: str, log_probs: np.ndarray, tokens: Sequence[str]) -> str:
        if len(upper) != len(log_probs):
            raise ValueError(f"{len(upper)} characters need as many rows; got scores {log_probs.shape}")
        if tokens is not self._tokens:
            self._read(tokens)
        groups: dict[str, list[int]] = {}
        for position, character in enumerate(upper):
            if not is_punctuation(character):
                groups.setdefault(character, []).append(position)
        if not groups:
            return upper
        banned = self._never + [self._ids[character] for character in groups if character in self._ids]
        answers = self._assign(_group_scores(log_probs, list(groups.values())), banned)
        answer_of = dict(zip(groups, answers, strict=True))
        return "".join(answer_of.get(character, character) for character in upper)

    def _read(self, tokens: Sequence[str]) -> None:
        """Remember a vocabulary: which ids are never an answer, and the ids of the others."""
        never = [v for v, token in enumerate(tokens) if v == 0 or not _may_answer(token)]
        self._ids = {token: v for v, token in enumerate(tokens)}
        for v in never:
            self._ids.pop(tokens[v], None)
        self._never = never
        self._tokens = tokens

    def _assign(self, scores: np.ndarray, banned: Sequence[int]) -> list[str]:
        """Different answers for the groups. scores (G, U) is overwritten."""
        np.maximum(scores, IMPOSSIBLE, out=scores)
        scores[:, banned] = -np.inf
        allowed = scores.shape[1] - len(banned)
        best = scores.argmax(axis=1).tolist() if allowed else []
        if len(set(best)) < len(scores):
            best = distinct_columns(scores, allowed)
        return [PLACEHOLDER if v is None else self._tokens[v] for v in best]


def _may_answer(token: str) -> bool:
    return len(token) == 1 and not token.isspace() and not is_punctuation(token)


def _group_scores(log_probs: np.ndarray, groups: Sequence[Sequence[int]]) -> np.ndarray:
    """Scores (G, U) of one answer for all positions of each group: a new array."""
    scores = log_probs[[positions[0] for positions in groups]]
    for row, positions in zip(scores, groups, strict=True):
        for position in positions[1:]:
            row += log_probs[position]
    return scores
