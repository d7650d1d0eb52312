"""Predictor of the task title, and the beginning of the article as a reference."""

from __future__ import annotations

import math
from collections.abc import Container, Sequence
from copy import copy
from typing import TYPE_CHECKING

import numpy as np

from nlpx.components.decoders.sequence import SequenceDecoder
from nlpx.data.batching import padded_batches
from nlpx.data.codec import Vocabularies
from nlpx.data.records import Article
from nlpx.specs.predictor import Prediction, Predictor
from nlpx.tasks.title.codec import TitleCodec
from nlpx.tasks.title.config import Title
from nlpx.tasks.title.example import TitleExample

if TYPE_CHECKING:
    from nlpx.models.writing import Seq2SeqLearner

SCORES_PER_BATCH = 1 << 24
"""Limits the memory of an evaluation batch: rows * maximum title length * vocabulary."""


class TitlePredictor(Predictor[Article, TitleExample]):
    """A trained sequence-to-sequence model with a decoder."""

    def __init__(
        self, experiment: Title, codec: TitleCodec, learner: Seq2SeqLearner, vocabularies: Vocabularies
    ) -> None:
        self._codec = codec
        self._learner = learner
        self._vocabularies = vocabularies
        self._tokens = codec.spelling(vocabularies).tokens
        self._decoder = SequenceDecoder.of(experiment.decode)
        self._write = learner.writer(self._decoder, banned=(0,))
        longest = experiment.data.max_title + 1
        most = SCORES_PER_BATCH // (longest * len(self._tokens))
        self._batch_size = max(1, min(experiment.train.evaluation_batch_size, most))

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        return [Prediction(title, {"title": title}) for title, _ in self._written([t.strip() for t in texts])]

    def examples(self, rows: Sequence[Article], known: Container[str]) -> list[TitleExample]:
        nll = self.nll([(row.content, row.title) for row in rows])
        written = self._written([row.content for row in rows])
        return [
            _example(row, title, finished, float(loss))
            for row, (title, finished), loss in zip(rows, written, nll, strict=True)
        ]

    def nll(self, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
        """-log p of headlines including their ends, in nats, (n,) float64, for articles with headlines."""
        items = [self._codec.features(article, self._vocabularies, title) for article, title in pairs]
        nll = np.zeros(len(pairs))
        for indices, batch in padded_batches(items, self._codec.fields, self._batch_size):
            nll[indices] = self._learner.nll(batch)
        return nll

    def with_seed(self, seed: int) -> TitlePredictor:
        """This model with a decoder that draws with another seed; nothing is compiled again."""
        other = copy(self)
        other._decoder = self._decoder.model_copy(update={"seed": seed})
        return other

    def _written(self, articles: Sequence[str]) -> list[tuple[str, bool]]:
        """Headline of each article, and whether the model ended it; empty for an empty article."""
        titles = [("", True)] * len(articles)
        items = [self._codec.features(article, self._vocabularies) for article in articles]
        for indices, batch in padded_batches(items, self._codec.fields, self._batch_size):
            found = self._write(batch, self._decoder.uniforms([articles[index] for index in indices]))
            for row, index in enumerate(indices):
                ids = found.tokens[row, : found.lengths[row]]
                titles[index] = "".join(self._tokens[i] for i in ids), bool(found.finished[row])
        return titles


class LeadPredictor(Predictor[Article, TitleExample]):
    """Predicts the beginning of the article. Its NLL is NaN, because it gives no probabilities."""

    def __init__(self, length: int) -> None:
        self._length = length

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        titles = [text.strip()[: self._length] for text in texts]
        return [Prediction(title, {"title": title}) for title in titles]

    def examples(self, rows: Sequence[Article], known: Container[str]) -> list[TitleExample]:
        return [_example(row, row.content[: self._length], True, math.nan) for row in rows]


def _example(row: Article, title: str, finished: bool, nll: float) -> TitleExample:
    return TitleExample(
        article=row.content,
        reference=row.title,
        answer=title,
        finished=finished,
        nll=nll,
        characters=len(row.title) + 1,
        group=(row.group,) if row.group else (),
    )
