"""Tokens and their ids."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from nlpx.errors import DataError

UNKNOWN = "<unk>"


class Vocabulary:
    """Tokens by id. Id 0 is the unknown token; padding holds it too, and masks tell the two apart.

    Args:
        tokens: all tokens, the unknown first, each once.
    """

    def __init__(self, tokens: Sequence[str]) -> None:
        if not tokens or tokens[0] != UNKNOWN or len(set(tokens)) != len(tokens):
            raise ValueError(f"a vocabulary starts with {UNKNOWN} and holds every token once")
        self.tokens = tuple(tokens)
        self._ids = {token: i for i, token in enumerate(self.tokens)}
        del self._ids[UNKNOWN]

    @classmethod
    def build(cls, counts: Counter[str], min_count: int = 1, max_size: int | None = None) -> Vocabulary:
        """The tokens that occur at least `min_count` times, by falling count, then by code point.

        Args:
            counts: occurrences of every token.
            min_count: rarer tokens are unknown.
            max_size: keep at most this many tokens beside the unknown.
        """
        kept = [token for token, count in counts.items() if count >= min_count and token != UNKNOWN]
        kept.sort(key=lambda token: (-counts[token], token))
        return cls([UNKNOWN, *kept[:max_size]])

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, token: object) -> bool:
        return token in self._ids

    def ids(self, tokens: Iterable[str]) -> np.ndarray:
        """Ids of tokens (the characters of a str), (n,) int32."""
        find = self._ids.get
        return np.array([find(token, 0) for token in tokens], np.int32)

    def token(self, index: int) -> str:
        return self.tokens[index]

    def to_json(self) -> str:
        """The canonical text of a vocabulary: what is saved and hashed."""
        return json.dumps(self.tokens, ensure_ascii=False, separators=(",", ":"))

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.to_json().encode("utf-8")).hexdigest()

    def save(self, path: Path) -> None:
        path.write_text(self.to_json(), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Vocabulary:
        """Read what `save` wrote; raises DataError if the file is missing or is not that."""
        try:
            return cls(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise DataError(f"{path}: not a vocabulary of nlpx: {error}. Restore the run or train again.") from None
