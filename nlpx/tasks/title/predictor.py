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
from nlpx.specs.predictor import AttentionMap, Prediction, Predictor
from nlpx.tasks.title.codec import TitleCodec
from nlpx.tasks.title.config import Title
from nlpx.tasks.title.example import TitleExample

if TYPE_CHECKING:
    from nlpx.models.writing import Seq2SeqLearner

SCORES_PER_BATCH = 1 << 24
"""Limits the memory of a batch: rows * scores of a row at the same time."""


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
        # The likelihood needs the scores of all tokens of a title, decoding those of the next one.
        self._scored_rows, self._written_rows = (
            max(1, min(experiment.train.evaluation_batch_size, SCORES_PER_BATCH // (n * len(self._tokens))))
            for n in (experiment.data.max_title + 1, self._decoder.width)
        )

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
        for indices, batch in padded_batches(items, self._codec.fields, self._scored_rows):
            nll[indices] = self._learner.nll(batch)
        return nll

    def attention(self, pairs: Sequence[tuple[str, str]]) -> list[AttentionMap]:
        if not self._learner.attends:
            return []
        items = [self._codec.features(article, self._vocabularies, title) for article, title in pairs]
        pieces = [self._codec.pieces(article, title, self._vocabularies) for article, title in pairs]
        found: list[AttentionMap] = [AttentionMap((), (), np.zeros((0, 0), np.float32))] * len(pairs)
        for indices, batch in padded_batches(items, self._codec.fields, self._scored_rows):
            for index, weights in zip(indices, self._learner.attention(batch), strict=True):
                read, written = pieces[index]
                found[index] = AttentionMap(read, written, weights[: len(written), : len(read)])
        return found

    def with_seed(self, seed: int) -> TitlePredictor:
        """This model with a decoder that draws with another seed; nothing is compiled again."""
        other = copy(self)
        other._decoder = self._decoder.model_copy(update={"seed": seed})
        return other

    def _written(self, articles: Sequence[str]) -> list[tuple[str, bool]]:
        """Headline of each article, and whether the model ended it; empty for an empty article."""
        titles = [("", True)] * len(articles)
        items = [self._codec.features(article, self._vocabularies) for article in articles]
        for indices, batch in padded_batches(items, self._codec.fields, self._written_rows):
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
