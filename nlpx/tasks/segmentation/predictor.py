"""Predictor of the task segmentation, and jieba as a reference."""

from __future__ import annotations

import math
from collections.abc import Container, Mapping, Sequence
from copy import copy
from itertools import chain
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from nlpx.components.decoders.viterbi import Viterbi
from nlpx.data.codec import Vocabularies
from nlpx.data.items import MAIN, EncodedItems
from nlpx.data.pieces import Score, score_pieces
from nlpx.data.records import Sentence
from nlpx.specs.predictor import Prediction, Predictor
from nlpx.tasks.segmentation.codec import SegmentationCodec
from nlpx.tasks.segmentation.config import Segmentation
from nlpx.tasks.segmentation.example import SegmentationExample, example
from nlpx.text.dictionary import UserDictionary
from nlpx.text.jieba_words import jieba_words
from nlpx.text.tags import TAGS, words_of_texts

if TYPE_CHECKING:
    from nlpx.models.tagger import TaggingLearner


class SegmentationPredictor(Predictor[Sentence, SegmentationExample]):
    """A trained tagger with a Viterbi decoder."""

    def __init__(
        self,
        experiment: Segmentation,
        codec: SegmentationCodec,
        learner: TaggingLearner,
        vocabularies: Vocabularies,
    ) -> None:
        self._experiment = experiment
        self._codec = codec
        self._decoder = Viterbi.of(experiment.decode)
        self._learner = learner
        self._vocabularies = vocabularies

    runtime: ClassVar[str] = "nlpx.tasks.segmentation.runtime"

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        items = self._codec.encode_texts(texts, self._vocabularies)
        tags, _ = self._tags(texts, items, self._learner.scores)
        return [Prediction(" ".join(words), {"words": words}) for words in words_of_texts(texts, tags)]

    def with_words(self, words: UserDictionary) -> SegmentationPredictor:
        """This model with another user dictionary."""
        other = copy(self)
        other._decoder = self._decoder.with_words(words)
        return other

    def examples(self, rows: Sequence[Sentence], known: Container[str]) -> list[SegmentationExample]:
        if not rows:
            return []
        texts = [row.text for row in rows]
        by_row = [self._codec.scored_items(row, self._vocabularies) for row in rows]
        items = EncodedItems.of([*chain.from_iterable(by_row)], self._codec.fields)
        tags, nll = self._tags(texts, items, self._learner.scores_and_nll)
        examples, start = [], 0
        for row, words, pieces in zip(rows, words_of_texts(texts, tags), by_row, strict=True):
            total = sum(nll[start : start + len(pieces)].tolist())
            examples.append(example(row, tuple(words), total, known))
            start += len(pieces)
        return examples

    def export(self) -> Mapping[str, np.ndarray]:
        from nlpx.tasks.segmentation.export import exported, verify

        arrays = exported(self._experiment, self._codec, self._learner, self._vocabularies)
        verify(arrays, self, self._experiment.samples, self._vocabularies["char"].tokens[1:])
        return arrays

    def _tags(self, texts: Sequence[str], items: EncodedItems, score: Score) -> tuple[np.ndarray, np.ndarray]:
        """Tags of all characters, (N,) int32, and NLL of all pieces, (P,) float64."""
        lengths, offsets = items.extents[MAIN].lengths, items.extents[MAIN].offsets
        scores = np.zeros((int(lengths.sum()), len(TAGS)), np.float32)
        nll = np.zeros(len(lengths))
        batch_size = self._experiment.train.evaluation_batch_size
        for batch in score_pieces(items, score, batch_size, len(TAGS)):
            steps = np.arange(batch.scores.shape[1])
            real = steps < lengths[batch.rows][:, None]
            scores[(offsets[batch.rows][:, None] + steps)[real]] = batch.scores[real]
            nll[batch.rows] = batch.nll
        pieces = self._codec.pieces_of(texts) if self._decoder.reads_texts else ()
        return self._decoder.decode(pieces, scores, lengths, **self._learner.potentials), nll


class JiebaPredictor(Predictor[Sentence, SegmentationExample]):
    """The segmenter jieba with its default dictionary. Its NLL is NaN, because it gives no probabilities."""

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        words = [jieba_words(text) for text in texts]
        return [Prediction(" ".join(row), {"words": list(row)}) for row in words]

    def examples(self, rows: Sequence[Sentence], known: Container[str]) -> list[SegmentationExample]:
        return [example(row, jieba_words(row.text), math.nan, known) for row in rows]
