"""Tokens and their ids."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

from nlpx.core.files import Unreadable
from nlpx.core.json_text import parse_json
from nlpx.core.lazy import np
from nlpx.errors import DataError
from nlpx.text.code_points import code_points

UNKNOWN = "<unk>"
MOST_COUNTED = 2**63 - 1


class Vocabulary:
    """Tokens by id. Id 0 is the unknown token and is also used for padding, which masks distinguish from it.

    Args:
        tokens: all tokens without duplicates; the first is the unknown token.
        counts: frequency of each token; that of the unknown token is the total of all tokens without an id.

    Raises:
        ValueError: the tokens are invalid, or the number of counts differs.
    """

    def __init__(self, tokens: Sequence[str], counts: Sequence[int] | None = None) -> None:
        if not tokens or tokens[0] != UNKNOWN or len(set(tokens)) != len(tokens):
            raise ValueError(f"a vocabulary starts with {UNKNOWN} and contains no duplicates")
        if not all(isinstance(token, str) and token for token in tokens):
            raise ValueError("the tokens of a vocabulary must be non-empty strings")
        if counts is not None and len(counts) != len(tokens):
            raise ValueError(f"{len(tokens)} tokens need as many counts, got {len(counts)}")
        self.tokens = tuple(tokens)
        self.counts = (0,) * len(tokens) if counts is None else tuple(counts)
        self._ids = {token: i for i, token in enumerate(self.tokens) if i}

    @classmethod
    def build(cls, counts: Counter[str], min_count: int = 1, max_size: int | None = None) -> Vocabulary:
        """The `max_size` tokens that occur `min_count` times or more, by falling count, then code point."""
        kept = [token for token, count in counts.items() if count >= min_count and token != UNKNOWN]
        kept.sort(key=lambda token: (-counts[token], token))
        kept = kept[:max_size]
        known = [counts[token] for token in kept]
        return cls([UNKNOWN, *kept], [counts.total() - sum(known), *known])

    def extended(self, tokens: Iterable[str]) -> Vocabulary:
        """This vocabulary and those tokens that it lacks, with the count 0."""
        more = [token for token in dict.fromkeys(tokens) if token not in self._ids and token != UNKNOWN]
        return Vocabulary([*self.tokens, *more], [*self.counts, *[0] * len(more)])

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, token: object) -> bool:
        return token in self._ids

    def ids(self, tokens: Iterable[str]) -> np.ndarray:
        """Ids of tokens, (n,) int32; the tokens of a str are its characters."""
        if isinstance(tokens, str):
            return self.ids_of_code_points(code_points(tokens))
        find = self._ids.get
        return np.array([find(token, 0) for token in tokens], np.int32)

    def ids_of_code_points(self, codes: np.ndarray) -> np.ndarray:
        """Ids of characters, (n,) int32, by their code points (n,) uint32."""
        return self._by_code_point.take(codes, mode="clip")

    @property
    def sha256(self) -> str:
        """SHA-256 of the file written by `save`."""
        return hashlib.sha256(self.to_json()).hexdigest()

    def save(self, path: Path) -> None:
        """Write a JSON object with two lists, tokens and counts, ordered by id."""
        path.write_bytes(self.to_json())

    @classmethod
    def load(cls, path: Path) -> Vocabulary:
        """Read a file written by `save`; raises DataError if it is missing or invalid."""
        try:
            return cls.from_json(path.read_bytes())
        except (OSError, ValueError) as error:
            raise DataError(
                f"{path}: not a vocabulary of nlpx: {error}. Restore the run or train again."
            ) from None

    @classmethod
    def from_json(cls, content: bytes) -> Vocabulary:
        """The vocabulary in the content of a file written by `save`; raises ValueError if it is invalid."""
        try:
            saved = parse_json(content)
        except Unreadable as error:
            raise ValueError(str(error)) from None
        if not isinstance(saved, dict) or not all(
            isinstance(saved.get(name), list) for name in ("tokens", "counts")
        ):
            raise ValueError("expected an object with the lists `tokens` and `counts`")
        tokens, counts = saved["tokens"], saved["counts"]
        if not all(type(count) is int and 0 <= count <= MOST_COUNTED for count in counts):
            raise ValueError("counts must be non-negative integers")
        if not all(isinstance(token, str) for token in tokens):
            raise ValueError("the tokens of a vocabulary must be non-empty strings")
        "".join(tokens).encode()  # raises ValueError for a lone surrogate
        return cls(tokens, counts)

    def to_json(self) -> bytes:
        """The content of the file written by `save`."""
        saved = {"tokens": self.tokens, "counts": self.counts}
        return json.dumps(saved, ensure_ascii=False, separators=(",", ":")).encode("utf-8")

    @cached_property
    def _by_code_point(self) -> np.ndarray:
        """Ids by code point up to the highest one with an id; the last entry, 0, is used for all above it."""
        single = {ord(token): i for token, i in self._ids.items() if len(token) == 1}
        table = np.zeros(max(single, default=-1) + 2, np.int32)
        table[list(single)] = list(single.values())
        return table
