"""Codec of the task vectors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nlpx.components.sources.raw_text import RawText
from nlpx.data.codec import Codec, Vocabularies
from nlpx.data.items import Field
from nlpx.data.records import Sentence
from nlpx.specs.sections import Normalization
from nlpx.text.normalize import Normalizer

WORD = "word"
"""Name of the vocabulary of words, and of the field with their ids."""

WordText = RawText | Sentence


@dataclass(frozen=True)
class VectorsCodec(Codec[WordText]):
    """Texts as ids of words; words without an id are removed, so that their neighbours become adjacent."""

    normalize: Normalization
    min_count: int
    max_size: int | None

    @cached_property
    def normalizer(self) -> Normalizer:
        return Normalizer(**self.normalize.model_dump())

    @property
    def fields(self) -> Mapping[str, Field]:
        return {WORD: Field()}

    @property
    def min_counts(self) -> Mapping[str, int]:
        return {WORD: self.min_count}

    @property
    def max_sizes(self) -> Mapping[str, int | None]:
        return {WORD: self.max_size}

    def check(self, row: WordText) -> str | None:
        return None

    def count(self, row: WordText) -> Mapping[str, Iterable[str]]:
        return {WORD: self.words(row.words)}

    def encode(self, row: WordText, vocabularies: Vocabularies) -> list[dict[str, np.ndarray]]:
        return [{WORD: self.ids(row, vocabularies)}]

    def ids(self, row: WordText, vocabularies: Vocabularies) -> np.ndarray:
        """Ids of the known words of a row, (n,) int32 above 0."""
        ids = vocabularies[WORD].ids(self.words(row.words))
        return ids[ids > 0]

    def keys(self, row: WordText) -> Iterable[str]:
        return (row.line,)

    def words(self, words: Iterable[str]) -> list[str]:
        """Normalized words."""
        return [self.normalizer.normalize(word) for word in words]
