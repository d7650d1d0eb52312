"""References of the task vectors."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from nlpx.components.sources.builtin import Builtin
from nlpx.data.codec import Vocabularies
from nlpx.data.items import EncodedItems
from nlpx.data.word_vectors import WordVectors
from nlpx.specs.predictor import Reference, Say, unheard
from nlpx.tasks.vectors.codec import WORD, VectorsCodec, WordText
from nlpx.tasks.vectors.config import Vectors
from nlpx.tasks.vectors.cooccurrence import cooccurrences, factors, weighted
from nlpx.tasks.vectors.example import Questions, WordTextExample
from nlpx.tasks.vectors.subsampling import keep_probability


class CountsReference(Reference[WordText, WordTextExample]):
    """Vectors U S^(1/2) of the singular value decomposition of ppmi, and the likelihood of word frequencies.

    Args:
        experiment: width of windows and vectors, subsampling.
        codec: encodes texts.
        vocabularies: the words.
    """

    def __init__(self, experiment: Vectors, codec: VectorsCodec, vocabularies: Vocabularies) -> None:
        self._experiment = experiment
        self._codec = codec
        self._vocabularies = vocabularies
        counts = np.array((0, *vocabularies[WORD].counts[1:]), np.float64)
        self._counts = counts
        with np.errstate(divide="ignore"):
            self._nll = -np.log(counts / counts.sum())
        self._asked: Questions | None = None

    def prepare(
        self,
        rows: Callable[[str], Iterable[WordText]],
        folder: Path | None = None,
        weights: str = "",
        say: Say = unheard,
    ) -> None:
        model, vocabulary = self._experiment.model, self._vocabularies[WORD]
        encoded = [item for row in rows("train") for item in self._codec.encode(row, self._vocabularies)]
        items = EncodedItems.of(encoded, self._codec.fields)
        keep = None
        if model.subsampling is not None:
            keep = keep_probability(self._counts, model.subsampling.threshold)
        counted = cooccurrences(items, len(vocabulary), model.window, keep)
        table, _ = factors(weighted(counted, "ppmi"), model.dim, 0.5, self._experiment.seed)
        vectors = WordVectors(vocabulary.tokens[1:], table[1:])
        self._asked = Questions(vectors)
        if isinstance(self._experiment.data.source, Builtin):
            from nlpx.tasks.vectors.sample.vectors import analogies, pairs

            self._asked = Questions(vectors, pairs(), analogies())

    def examples(self, rows: Sequence[WordText], known: Container[str]) -> list[WordTextExample]:
        assert self._asked is not None
        made = []
        for row in rows:
            ids, words = self._codec.ids(row, self._vocabularies), row.words
            total = float(self._nll[ids].sum())
            made.append(WordTextExample(" ".join(words), total, len(ids), len(words) - len(ids), self._asked))
        return made


def references(
    experiment: Vectors, codec: VectorsCodec, vocabularies: Vocabularies
) -> Mapping[str, CountsReference]:
    """The reference, by name."""
    return {"frequencies, svd of ppmi": CountsReference(experiment, codec, vocabularies)}
