"""Codecs of sentences in groups of paraphrases, and of scored pairs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from nlpx.data.codec import RowT, Vocabularies
from nlpx.data.items import Field
from nlpx.data.records import Question, ScoredPair
from nlpx.tasks.text_codec import TextCodec
from nlpx.text.tfidf import Tfidf
from nlpx.text.vocabulary import UNKNOWN

GROUPS = "group"
"""The vocabulary of the groups of the training records, and the field of their ids."""


SCORE = "score"
"""The field of the scores of pairs."""


@dataclass(frozen=True)
class SentenceCodec(TextCodec[RowT]):
    """Base class for both kinds of records: normalized sentences and TF-IDF."""

    def normalized(self, text: str) -> str:
        """The text as the model sees it."""
        return self.normalizer.normalize(text)[: self.max_length]

    def tfidf(self, texts: Iterable[str]) -> Tfidf:
        """TF-IDF with the document frequencies of the distinct sentences."""
        return Tfidf.fit(list(dict.fromkeys(texts)), self.normalized)


@dataclass(frozen=True)
class GroupCodec(SentenceCodec[Question]):
    """Sentences in groups of paraphrases."""

    @property
    def fields(self) -> Mapping[str, Field]:
        return {**super().fields, GROUPS: Field(sequence=None)}

    @property
    def min_counts(self) -> Mapping[str, int]:
        return {**super().min_counts, GROUPS: 1}

    @property
    def max_sizes(self) -> Mapping[str, int | None]:
        return {**super().max_sizes, GROUPS: None}

    def check(self, row: Question) -> str | None:
        return f"a group cannot be called {UNKNOWN}" if row.group_id == UNKNOWN else None

    def count(self, row: Question) -> Mapping[str, Iterable[str]]:
        return {**self.tokens(self.normalized(row.text)), GROUPS: (row.group_id,)}

    def encode(self, row: Question, vocabularies: Vocabularies) -> list[dict[str, np.ndarray]]:
        # Id 0 of the vocabulary is the unknown token, which is not a group.
        (group,) = vocabularies[GROUPS].ids((row.group_id,)) - 1
        return [{**self.features(self.normalized(row.text), vocabularies), GROUPS: group}]

    def keys(self, row: Question) -> Iterable[str]:
        return (row.text,)


@dataclass(frozen=True)
class PairCodec(SentenceCodec[ScoredPair]):
    """Pairs of sentences with scores."""

    @property
    def fields(self) -> Mapping[str, Field]:
        second = {f"second.{name}": Field(sequence="second") for name in super().fields}
        return {**super().fields, **second, SCORE: Field("float32", sequence=None)}

    def check(self, row: ScoredPair) -> str | None:
        return None

    def count(self, row: ScoredPair) -> Mapping[str, Iterable[str]]:
        return self.tokens(*map(self.normalized, row.texts))

    def encode(self, row: ScoredPair, vocabularies: Vocabularies) -> list[dict[str, np.ndarray]]:
        # The cosine is symmetric, so the longer sentence is the main sequence, which determines the bucket.
        second, first = sorted(map(self.normalized, row.texts), key=len)
        features = self.features(first, vocabularies)
        for name, values in self.features(second, vocabularies).items():
            features[f"second.{name}"] = values
        return [{**features, SCORE: np.array(row.score, np.float32)}]

    def keys(self, row: ScoredPair) -> Iterable[str]:
        return row.texts
