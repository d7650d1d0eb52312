"""Predictor of the task segmentation, and jieba as a reference."""

from __future__ import annotations

import math
from collections.abc import Container, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from nlpx.components.decoders.viterbi import Viterbi
from nlpx.data.codec import Vocabularies
from nlpx.data.pieces import Score, score_pieces
from nlpx.data.records import Sentence
from nlpx.specs.predictor import Prediction, Predictor
from nlpx.tasks.segmentation.codec import SegmentationCodec
from nlpx.tasks.segmentation.config import Segmentation
from nlpx.tasks.segmentation.example import SegmentationExample, example
from nlpx.tasks.segmentation.export import exported, verify
from nlpx.tasks.text_codec import Features
from nlpx.text.jieba_words import jieba_words
from nlpx.text.tags import SINGLE, TAGS, words_of

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
        pieces = [self._codec.pieces(text) for text in texts]
        flat = list(chain.from_iterable(pieces))
        features = [item for text in texts for item in self._codec.features_of(text, self._vocabularies)]
        tags, _ = self._tags(flat, features, self._learner.scores)
        answers, start = [], 0
        for text, row in zip(texts, pieces, strict=True):
            words = _words(text, tags[start : start + len(row)])
            answers.append(Prediction(" ".join(words), {"words": list(words)}))
            start += len(row)
        return answers

    def examples(self, rows: Sequence[Sentence], known: Container[str]) -> list[SegmentationExample]:
        pieces = [self._codec.pieces(row.text) for row in rows]
        items = [self._codec.scored_items(row, self._vocabularies) for row in rows]
        flat, features = list(chain.from_iterable(pieces)), list(chain.from_iterable(items))
        tags, nll = self._tags(flat, features, self._learner.scores_and_nll)
        examples, start = [], 0
        for row, parts in zip(rows, pieces, strict=True):
            stop = start + len(parts)
            words = _words(row.text, tags[start:stop])
            examples.append(example(row, words, sum(nll[start:stop]), known))
            start = stop
        return examples

    def export(self) -> Mapping[str, np.ndarray]:
        arrays = exported(self._experiment, self._codec, self._learner, self._vocabularies)
        verify(arrays, self, self._experiment.samples, self._vocabularies["char"].tokens[1:])
        return arrays

    def _tags(
        self, pieces: Sequence[str], features: Sequence[Features], score: Score
    ) -> tuple[list[np.ndarray], list[float]]:
        """Tags and NLL of each piece."""
        tags = [np.zeros(0, np.int32)] * len(pieces)
        nll = [0.0] * len(pieces)
        batch_size = self._experiment.train.evaluation_batch_size
        potentials = self._learner.potentials
        for batch in score_pieces(features, score, batch_size, len(TAGS)):
            texts = [pieces[index] for index in batch.rows]
            paths = self._decoder.decode(texts, batch.scores, np.array(batch.lengths), **potentials)
            for index, path, loss in zip(batch.rows, paths, batch.nll, strict=True):
                tags[index], nll[index] = path, float(loss)
        return tags, nll


class JiebaPredictor(Predictor[Sentence, SegmentationExample]):
    """The segmenter jieba with its default dictionary. Its NLL is NaN, because it gives no probabilities."""

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        words = [jieba_words(text) for text in texts]
        return [Prediction(" ".join(row), {"words": list(row)}) for row in words]

    def examples(self, rows: Sequence[Sentence], known: Container[str]) -> list[SegmentationExample]:
        return [example(row, jieba_words(row.text), math.nan, known) for row in rows]


def _words(text: str, tags: Sequence[np.ndarray]) -> tuple[str, ...]:
    """The words of a text whose pieces have these tags. Blanks are separate words."""
    whole = np.concatenate([np.zeros(0, np.int32), *tags])
    if len("".join(text.split())) < len(text):
        whole[[i for i, char in enumerate(text) if char.isspace()]] = SINGLE
    return words_of(text, whole)
