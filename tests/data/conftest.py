"""A small task, a small corpus."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from nlpx.components.sources.base import Source
from nlpx.data.codec import Codec, Vocabularies
from nlpx.data.encoding import prepare
from nlpx.data.items import Field
from nlpx.data.prepared import Prepared
from nlpx.data.records import Pair
from nlpx.data.refusal import OnBadLine


@dataclass(frozen=True)
class PairCodec(Codec[Pair]):
    """Pairs of equal length; `char` of the first text, `target` of the second."""

    max_length: int = 8
    min_count: int = 1
    max_size: int | None = None

    @property
    def min_counts(self) -> Mapping[str, int]:
        return {"char": self.min_count}

    @property
    def max_sizes(self) -> Mapping[str, int | None]:
        return {"char": self.max_size}

    @property
    def fields(self) -> Mapping[str, Field]:
        return {"char": Field(), "target": Field()}

    def check(self, row: Pair) -> str | None:
        first, second = len(row.first), len(row.second)
        return None if first == second else f"{first} and {second} characters"

    def keeps(self, row: Pair) -> bool:
        return len(row.first) <= self.max_length

    def count(self, row: Pair) -> Mapping[str, Iterable[str]]:
        return {"char": row.first + row.second}

    def encode(self, row: Pair, vocabularies: Vocabularies) -> list[dict[str, np.ndarray]]:
        ids = vocabularies["char"].ids
        return [{"char": ids(row.first), "target": ids(row.second)}]

    def keys(self, row: Pair) -> Iterable[str]:
        return (row.first,)


class Preparation:
    """Calls `prepare` with one cache and keeps what is reported."""

    def __init__(self, cache: Path) -> None:
        self.cache = cache
        self.reports: list[str] = []

    def __call__(
        self,
        source: Source,
        codec: Codec[Pair] | None = None,
        limit: int | None = None,
        on_bad_line: OnBadLine = "error",
    ) -> Prepared:
        self.reports.clear()
        return prepare(
            source,
            codec or PairCodec(),
            limit=limit,
            on_bad_line=on_bad_line,
            cache=self.cache,
            report=self.reports.append,
        )

    def entries(self) -> list[Path]:
        """Everything that lies in the cache, temporary folders too."""
        return sorted((self.cache / "corpora").iterdir())


@pytest.fixture
def preparation(tmp_path: Path) -> Preparation:
    return Preparation(tmp_path / "cache")
