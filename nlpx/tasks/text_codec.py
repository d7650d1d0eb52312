"""What tasks over the characters of a text share: vocabularies and features."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

import numpy as np

from nlpx.specs.codec import Codec, RowT, Vocabularies
from nlpx.specs.experiment import TextExperiment
from nlpx.specs.sections import TaggerSection
from nlpx.text.ngrams import NgramIds, feature_names, ngrams, vocabulary_name
from nlpx.text.normalize import Normalizer

Features = dict[str, np.ndarray]


class TextCodec(Codec[RowT]):
    """The codec of a model that begins with an embedding of `char` and n-gram ids."""

    experiment: TextExperiment

    def __init__(self, experiment: TextExperiment, model: TaggerSection) -> None:
        self.experiment = experiment
        self.model_spec = model
        normalize = experiment.data.normalize
        self.normalizer = Normalizer(normalize.width, normalize.case, normalize.digits)
        self._ngram_ids: dict[int, NgramIds] = {}

    @property
    def min_counts(self) -> Mapping[str, int]:
        counts = {vocabulary_name(n.size): n.min_count for n in self.model_spec.embedding.ngrams}
        return {"char": self.experiment.vocabulary.min_count, **counts}

    @property
    def max_sizes(self) -> Mapping[str, int | None]:
        sizes = dict.fromkeys((vocabulary_name(n.size) for n in self.model_spec.embedding.ngrams), None)
        return {"char": self.experiment.vocabulary.max_size, **sizes}

    def settings(self) -> str:
        data = self.experiment.data
        sizes = [n.size for n in self.model_spec.embedding.ngrams]
        return f"{type(self).__name__} 1 {data.normalize!r} max_length={data.max_length} ngrams={sizes}"

    def tokens(self, *texts: str) -> dict[str, list[str]]:
        """What the vocabularies count in normalized texts."""
        found = {
            vocabulary_name(n.size): list(chain.from_iterable(ngrams(text, n.size) for text in texts))
            for n in self.model_spec.embedding.ngrams
        }
        return {"char": list("".join(texts)), **found}

    def features(self, text: str, vocabularies: Vocabularies) -> Features:
        """Ids of a normalized text, by feature, each (len(text),) int32."""
        arrays = {"char": vocabularies["char"].ids(text)}
        for n in self.model_spec.embedding.ngrams:
            if n.size not in self._ngram_ids:
                self._ngram_ids[n.size] = NgramIds(vocabularies[vocabulary_name(n.size)].tokens, n.size)
            arrays.update(zip(feature_names(n.size), self._ngram_ids[n.size](text), strict=True))
        return arrays
