"""Headlines: a text that is written about another one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import version
from itertools import chain

import numpy as np

from nlpx.data.records import Article
from nlpx.specs.codec import Codec, Vocabularies
from nlpx.tasks.title.config import Title
from nlpx.text.jieba_words import jieba_words
from nlpx.text.normalize import Normalizer
from nlpx.text.spelling import Spelling, long_words

Features = dict[str, np.ndarray]
WORDS = "word"
"""Name of the vocabulary of words."""


class TitleCodec(Codec[Article]):
    """Articles with headlines.

    Tokens are characters, or words and the characters of words without an id; the ids after the last one are
    those of the start and the end of a headline, which no text can contain.
    """

    experiment: Title

    def __init__(self, experiment: Title) -> None:
        self.experiment = experiment
        normalize = experiment.data.normalize
        self._normalizer = Normalizer(normalize.width, normalize.case, normalize.digits)
        self._words = experiment.vocabulary.unit == "word"
        self._spelling: Spelling | None = None

    @property
    def min_counts(self) -> Mapping[str, int]:
        vocabulary = self.experiment.vocabulary
        words = {WORDS: vocabulary.min_word_count or vocabulary.min_count} if self._words else {}
        return {"char": vocabulary.min_count, **words}

    @property
    def max_sizes(self) -> Mapping[str, int | None]:
        return {"char": self.experiment.vocabulary.max_size, **({WORDS: None} if self._words else {})}

    def settings(self) -> str:
        data = self.experiment.data
        settings = f"{type(self).__name__} 1 {data.normalize!r} {data.max_length} {data.max_title}"
        # Another release of jieba may cut otherwise.
        return f"{settings} jieba {version('jieba')}" if self._words else settings

    def check(self, row: Article) -> str | None:
        if not row.content.strip():
            return "the article is empty"
        return None if row.title.strip() else "the title is empty"

    def keeps(self, row: Article) -> bool:
        return len(row.title) <= self.experiment.data.max_title

    def count(self, row: Article) -> Mapping[str, Iterable[str]]:
        texts = self._read(row.content), self._normalizer.normalize(row.title)
        words = {WORDS: long_words(chain.from_iterable(map(jieba_words, texts)))} if self._words else {}
        return {"char": "".join(texts), **words}

    def encode(self, row: Article, vocabularies: Vocabularies) -> list[dict[str, np.ndarray]]:
        return [self.features(row.content, vocabularies, row.title)] if self.keeps(row) else []

    def keys(self, row: Article) -> Iterable[str]:
        return (row.content,)

    def features(self, article: str, vocabularies: Vocabularies, title: str | None = None) -> Features:
        """Ids of the article's beginning, its distinct ids, and the ids of the headline and its end."""
        spelling = self.spelling(vocabularies)
        ids = spelling.ids(self._read(article))
        features = {"char": ids, "prior.char": np.unique(ids)}
        if title is not None:
            end = np.array([len(spelling) + 1], np.int32)
            written = spelling.ids(self._normalizer.normalize(title))
            features["title.char"] = np.concatenate([written, end])
        return features

    def spelling(self, vocabularies: Vocabularies) -> Spelling:
        """How texts become tokens; made of the first vocabularies that are given."""
        if self._spelling is None:
            self._spelling = Spelling(vocabularies["char"], vocabularies.get(WORDS), jieba_words)
        return self._spelling

    def _read(self, article: str) -> str:
        return self._normalizer.normalize(article[: self.experiment.data.max_length])
