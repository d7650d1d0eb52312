"""What a decoder is that gives a line for a line, position by position."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from pydantic import PrivateAttr

from nlpx.components.decoders.base import Decoder
from nlpx.core.lazy import np


class LineVocabulary(NamedTuple):
    """Tokens by id, ids of those that may be used, and the other ids, in order and as a set."""

    tokens: Sequence[str]
    ids: dict[str, int]
    never: list[int]
    forbidden: frozenset[int]


class LineDecoder(Decoder):
    """The base of decoders that turn the scores of one line into a line of the same length."""

    needs: ClassVar[frozenset[str]] = frozenset({"line", "logits"})

    _vocabulary: LineVocabulary | None = PrivateAttr(None)
    """The latest one."""

    @abstractmethod
    def decode(self, upper: str, log_probs: np.ndarray, tokens: Sequence[str]) -> str:
        """The lower line, as many characters as the upper and none of them a blank.

        Args:
            upper: T characters, any but blanks: these are copied around the decoder.
            log_probs: (T, U) float32 log-probabilities, without NaN; -inf is a probability of 0.
                Logits will do: what is added to a whole position changes no line.
            tokens: U characters by id; id 0 is the unknown, which is never used.
        """

    @abstractmethod
    def may_use(self, token: str) -> bool:
        """Whether a token of the vocabulary may occur in a lower line."""

    def _read(self, tokens: Sequence[str]) -> LineVocabulary:
        found = self._vocabulary
        if found is None or tokens is not found.tokens:
            usable = {token: v for v, token in enumerate(tokens) if v and self.may_use(token)}
            never = [v for v, token in enumerate(tokens) if usable.get(token) != v]
            found = self._vocabulary = LineVocabulary(tokens, usable, never, frozenset(never))
        return found
