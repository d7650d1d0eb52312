"""Base class of codecs of text: vocabularies and features."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, Self

import numpy as np

from nlpx.data.codec import Codec, RowT, Vocabularies
from nlpx.data.files import fingerprint
from nlpx.data.items import Field
from nlpx.data.vectors import tokens_of
from nlpx.specs.experiment import TextExperiment
from nlpx.specs.sections import Normalization, TaggerSection, VocabularySection
from nlpx.text.code_points import code_points
from nlpx.text.ngrams import NgramIds, feature_names, ngrams, vocabulary_name
from nlpx.text.normalize import Normalizer

Features = dict[str, np.ndarray]


@dataclass(frozen=True)
class TextCodec(Codec[RowT]):
    """Codec for models that embed `char` and n-gram ids; `ngrams` are sizes with minimum counts."""

    normalize: Normalization
    max_length: int
    vocabulary: VocabularySection
    ngrams: tuple[tuple[int, int], ...] = ()
    extensions: tuple[tuple[str, int, str], ...] = ()

    @classmethod
    def of(cls, experiment: TextExperiment, model: TaggerSection, **more: Any) -> Self:
        """The codec of an experiment."""
        counted = tuple((ngrams.size, ngrams.min_count) for ngrams in model.embedding.ngrams)
        data = experiment.data
        extensions = model.embedding.extensions
        return cls(data.normalize, data.max_length, experiment.vocabulary, counted, extensions, **more)

    def cache_key(self) -> object:
        return super().cache_key(), [fingerprint(Path(file)) for _, _, file in self.extensions]

    @cached_property
    def normalizer(self) -> Normalizer:
        return Normalizer(**self.normalize.model_dump())

    @property
    def fields(self) -> Mapping[str, Field]:
        names = chain.from_iterable(feature_names(size) for size, _ in self.ngrams)
        return dict.fromkeys(("char", *names), Field())

    @property
    def min_counts(self) -> Mapping[str, int]:
        counts = {vocabulary_name(size): min_count for size, min_count in self.ngrams}
        return {"char": self.vocabulary.min_count, **counts}

    @property
    def max_sizes(self) -> Mapping[str, int | None]:
        return {"char": self.vocabulary.max_size, **{vocabulary_name(size): None for size, _ in self.ngrams}}

    def tokens(self, *texts: str) -> dict[str, list[str]]:
        """The tokens of normalized texts, by vocabulary."""
        found = {
            vocabulary_name(size): list(chain.from_iterable(ngrams(text, size) for text in texts))
            for size, _ in self.ngrams
        }
        return {"char": list("".join(texts)), **found}

    def derive(self, rows: Iterable[RowT], vocabularies: Vocabularies) -> Vocabularies:
        """The vocabularies to which files of vectors add tokens."""
        return {
            name: vocabularies[name].extended(
                token
                for token in tokens_of(Path(file))
                if len(token) == size and self.normalizer.normalize(token) == token
            )
            for name, size, file in self.extensions
        }

    def features(self, text: str, vocabularies: Vocabularies) -> Features:
        """Ids of a normalized text by feature, each (len(text),) int32."""
        return self.features_of_texts(code_points(text), np.array([len(text)]), vocabularies)

    def features_of_texts(
        self, codes: np.ndarray, lengths: np.ndarray, vocabularies: Vocabularies
    ) -> Features:
        """Ids of many normalized texts, one after another, by feature: (N,) int32 each.

        Args:
            codes: their code points, (N,) uint32.
            lengths: their numbers of characters, (n,) integers, N in all.
        """
        arrays = {"char": vocabularies["char"].ids_of_code_points(codes)}
        for size, _ in self.ngrams:
            if size not in self._ngram_ids:
                self._ngram_ids[size] = NgramIds(vocabularies[vocabulary_name(size)].tokens, size)
            found = self._ngram_ids[size].of_texts(codes, lengths)
            arrays.update(zip(feature_names(size), found, strict=True))
        return arrays

    @cached_property
    def _ngram_ids(self) -> dict[int, NgramIds]:
        """By size; made of the first vocabularies that are given."""
        return {}
