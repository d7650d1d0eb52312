"""Codec of verses (诗)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from nlpx.data.codec import Codec, Vocabularies
from nlpx.data.items import Field
from nlpx.data.records import Verse
from nlpx.specs.sections import Normalization, VocabularySection
from nlpx.tasks.poem.config import Poem
from nlpx.text.normalize import Normalizer
from nlpx.text.punctuation import is_punctuation
from nlpx.text.verse import lines

KEPT_BIGRAMS = 2
"""Rarer bigrams back off to single characters."""


@dataclass(frozen=True)
class PoemCodec(Codec[Verse]):
    """Verses of equal length; bigrams are counted if the metric novelty needs them."""

    normalize: Normalization
    length: int
    vocabulary: VocabularySection
    judges_novelty: bool

    @classmethod
    def of(cls, experiment: Poem) -> PoemCodec:
        """The codec of an experiment."""
        judges_novelty = any("familiarity" in metric.needs for metric in experiment.metrics)
        data = experiment.data
        return cls(data.normalize, data.length, experiment.vocabulary, judges_novelty)

    @cached_property
    def normalizer(self) -> Normalizer:
        return Normalizer(**self.normalize.model_dump())

    @property
    def fields(self) -> Mapping[str, Field]:
        return {"char": Field()}

    @property
    def min_counts(self) -> Mapping[str, int]:
        counts = {"char": self.vocabulary.min_count}
        return {**counts, "bigram": KEPT_BIGRAMS} if self.judges_novelty else counts

    @property
    def max_sizes(self) -> Mapping[str, int | None]:
        return {"char": self.vocabulary.max_size, "bigram": None}

    def check(self, row: Verse) -> str | None:
        return None if row.text else "the verse is empty"

    def keeps(self, row: Verse) -> bool:
        return len(row.text) == self.length and not any(map(is_punctuation, row.text))

    def count(self, row: Verse) -> Mapping[str, Iterable[str]]:
        text = self.normalizer.normalize(row.text)
        if not self.judges_novelty:
            return {"char": text}
        pairs = [a + b for line in lines(text) for a, b in pairwise(line)]
        return {"char": text, "bigram": pairs}

    def encode(self, row: Verse, vocabularies: Vocabularies) -> list[dict[str, np.ndarray]]:
        return (
            [{"char": vocabularies["char"].ids(self.normalizer.normalize(row.text))}]
            if self.keeps(row)
            else []
        )

    def keys(self, row: Verse) -> Iterable[str]:
        return (row.text,)
