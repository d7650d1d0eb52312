"""Codec of articles with headlines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from itertools import chain

import numpy as np

from nlpx.data.codec import Codec, Vocabularies
from nlpx.data.items import Field
from nlpx.data.records import Article
from nlpx.specs.sections import Normalization
from nlpx.tasks.title.config import Title, TitleVocabulary
from nlpx.text.jieba_words import jieba_words
from nlpx.text.normalize import Normalizer
from nlpx.text.spelling import Spelling, long_words

Features = dict[str, np.ndarray]
WORDS = "word"
"""Name of the word vocabulary."""


@dataclass(frozen=True)
class TitleCodec(Codec[Article]):
    """Articles with headlines.

    Tokens are characters, or words, with words without an id spelled by characters. The ids after the last
    one are those of the start and the end of a headline, so no text can contain them.

    Attributes:
        segmenter: what cuts texts into words; empty where tokens are characters.
    """

    normalize: Normalization
    max_length: int
    max_title: int
    vocabulary: TitleVocabulary
    segmenter: str

    @classmethod
    def of(cls, experiment: Title) -> TitleCodec:
        """The codec of an experiment."""
        data, vocabulary = experiment.data, experiment.vocabulary
        # Other versions of jieba may segment differently.
        segmenter = f"jieba {version('jieba')}" if vocabulary.unit == "word" else ""
        return cls(data.normalize, data.max_length, data.max_title, vocabulary, segmenter)

    @cached_property
    def _normalizer(self) -> Normalizer:
        return Normalizer(**self.normalize.model_dump())

    @property
    def _words(self) -> bool:
        return bool(self.segmenter)

    @property
    def fields(self) -> Mapping[str, Field]:
        return {"char": Field(), "prior.char": Field(sequence="prior"), "title.char": Field(sequence="title")}

    @property
    def min_counts(self) -> Mapping[str, int]:
        vocabulary = self.vocabulary
        words = {WORDS: vocabulary.min_word_count or vocabulary.min_count} if self._words else {}
        return {"char": vocabulary.min_count, **words}

    @property
    def max_sizes(self) -> Mapping[str, int | None]:
        return {"char": self.vocabulary.max_size, **({WORDS: None} if self._words else {})}

    def check(self, row: Article) -> str | None:
        if not row.content.strip():
            return "the article is empty"
        return None if row.title.strip() else "the title is empty"

    def keeps(self, row: Article) -> bool:
        return len(row.title) <= self.max_title

    def count(self, row: Article) -> Mapping[str, Iterable[str]]:
        texts = self._read(row.content), self._normalizer.normalize(row.title)
        words = {WORDS: long_words(chain.from_iterable(map(jieba_words, texts)))} if self._words else {}
        return {"char": "".join(texts), **words}

    def encode(self, row: Article, vocabularies: Vocabularies) -> list[dict[str, np.ndarray]]:
        return [self.features(row.content, vocabularies, row.title)] if self.keeps(row) else []

    def keys(self, row: Article) -> Iterable[str]:
        return (row.content,)

    def features(self, article: str, vocabularies: Vocabularies, title: str | None = None) -> Features:
        """Ids of the beginning of the article, its distinct ids, and the ids of the headline with its end."""
        spelling = self.spelling(vocabularies)
        ids = spelling.ids(self._read(article))
        features = {"char": ids, "prior.char": np.unique(ids)}
        if title is not None:
            end = np.array([len(spelling) + 1], np.int32)
            written = spelling.ids(self._normalizer.normalize(title))
            features["title.char"] = np.concatenate([written, end])
        return features

    def pieces(self, article: str, title: str, vocabularies: Vocabularies) -> tuple[list[str], list[str]]:
        """The tokens of both as texts, as many as `features` has ids, without the end of the headline."""
        spelling = self.spelling(vocabularies)
        return spelling.pieces(self._read(article)), spelling.pieces(self._normalizer.normalize(title))

    def spelling(self, vocabularies: Vocabularies) -> Spelling:
        """Converts texts to tokens; built from the first vocabularies that are given."""
        if not self._spellings:
            self._spellings.append(Spelling(vocabularies["char"], vocabularies.get(WORDS), jieba_words))
        return self._spellings[0]

    @cached_property
    def _spellings(self) -> list[Spelling]:
        return []

    def _read(self, article: str) -> str:
        return self._normalizer.normalize(article[: self.max_length])
