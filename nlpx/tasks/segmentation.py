"""Chinese word segmentation: tags s, b, m, e for every character; the best tag sequence gives the words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from nlpx.components.metrics.word_f1 import spans
from nlpx.core.build import build
from nlpx.data.rows import Sentence
from nlpx.decoding.jieba_words import jieba_words
from nlpx.decoding.segmentation import SegmentationDecoder
from nlpx.specs.heads import CRF
from nlpx.specs.tasks.segmentation import Segmentation
from nlpx.tasks.base import Prediction, Predictor, Vocabularies
from nlpx.tasks.examples import SegmentationExample
from nlpx.tasks.features import Features
from nlpx.tasks.tagging import Score, TaggingTask, score_pieces
from nlpx.text.lexicon import BITS, FIELDS, STRETCHES, WORDS, Lexicon, lexicon_words, stretches
from nlpx.text.pieces import cut
from nlpx.text.tags import LEGAL_START, LEGAL_STOP, LEGAL_TRANSITIONS, SINGLE, TAGS, tags_of, words_of
from nlpx.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from nlpx.models.tagger import TaggingProblem

LEVELS = "lexicon"
"""Name of the feature of packed levels."""


class SegmentationTask(TaggingTask[Sentence, SegmentationExample]):
    """Text in, words out; joined, the words are the text."""

    experiment: Segmentation

    def __init__(self, experiment: Segmentation) -> None:
        super().__init__(experiment, experiment.model)
        self._uses_lexicon = experiment.model.embedding.lexicon is not None
        self._lexicon: Lexicon | None = None

    def check(self, row: Sentence) -> str | None:
        return None if row.words else "no words"

    @property
    def min_counts(self) -> Mapping[str, int]:
        return {**super().min_counts, **({WORDS: 1} if self._uses_lexicon else {})}

    @property
    def max_sizes(self) -> Mapping[str, int | None]:
        return {**super().max_sizes, **({WORDS: None} if self._uses_lexicon else {})}

    def settings(self) -> str:
        return f"{super().settings()} lexicon={self._uses_lexicon}"

    def count(self, row: Sentence) -> Mapping[str, Iterable[str]]:
        counted = self.tokens(self.normalizer.normalize(row.text))
        return {**counted, WORDS: lexicon_words(self._normalized(row))} if self._uses_lexicon else counted

    def derive(self, rows: Iterable[Sentence], vocabularies: Vocabularies) -> Vocabularies:
        if not self._uses_lexicon:
            return {}
        words, counter = vocabularies[WORDS], Counter[str]()
        for row in rows:
            found = stretches(self.normalizer.normalize(row.text))
            counter.update(stretch for _, stretch in found if stretch in words)
        return {STRETCHES: Vocabulary.build(counter)}

    def encode(self, row: Sentence, vocabularies: Vocabularies) -> list[dict[str, np.ndarray]]:
        # The lexicon must not know a training row by itself.
        own = self._normalized(row) if self._uses_lexicon else None
        return self._targeted(row, self.features_of(row.text, vocabularies, own))

    def scored_items(self, row: Sentence, vocabularies: Vocabularies) -> list[Features]:
        """The features and targets of a row as the model sees them in use."""
        return self._targeted(row, self.features_of(row.text, vocabularies))

    def keys(self, row: Sentence) -> Iterable[str]:
        return row.words

    def pieces(self, text: str) -> list[str]:
        """A text cut at punctuation into pieces that are short enough for the model."""
        return cut(text, self.experiment.data.max_length)

    def features_of(
        self, text: str, vocabularies: Vocabularies, own: Sequence[str] | None = None
    ) -> list[Features]:
        """Features of every piece of a text; `own` are the words of a training row."""
        normalized = self.normalizer.normalize(text)
        if self._uses_lexicon:
            if self._lexicon is None:
                self._lexicon = Lexicon.of(vocabularies)
            levels = self._lexicon.features(normalized, own)
        items, start = [], 0
        for piece in self.pieces(text):
            stop = start + len(piece)
            features = self.features(normalized[start:stop], vocabularies)
            items.append({**features, LEVELS: levels[start:stop]} if self._uses_lexicon else features)
            start = stop
        return items

    def _targeted(self, row: Sentence, items: Sequence[Features]) -> list[Features]:
        """The items with their tags; a word that a cut goes through counts as two, so that tags are legal."""
        tags, result, start = tags_of(row.words), [], 0
        for piece, item in zip(self.pieces(row.text), items, strict=True):
            stop = start + len(piece)
            result.append({**item, "target": tags_of(words_of(piece, tags[start:stop]))})
            start = stop
        return result

    def _normalized(self, row: Sentence) -> list[str]:
        return [self.normalizer.normalize(word) for word in row.words]

    @property
    def packed(self) -> tuple[str, Mapping[str, float]] | None:
        section = self.experiment.model.embedding.lexicon
        if section is None:
            return None
        return LEVELS, {"fields": FIELDS, "bits": BITS, "dropout": section.dropout}

    @property
    def head_context(self) -> Mapping[str, object]:
        head = self.experiment.model.head
        if not (isinstance(head, CRF) and head.constrain):
            return {}
        return {"transition_mask": LEGAL_TRANSITIONS, "start_mask": LEGAL_START, "stop_mask": LEGAL_STOP}

    def answers(self, vocabularies: Vocabularies) -> int:
        return len(TAGS)

    def predictor(self, problem: TaggingProblem, vocabularies: Vocabularies) -> SegmentationPredictor:
        return SegmentationPredictor(self, problem, vocabularies)

    def references(
        self, vocabularies: Vocabularies
    ) -> Mapping[str, Predictor[Sentence, SegmentationExample]]:
        return {"jieba": JiebaPredictor()}

    def describe(self, example: SegmentationExample) -> str:
        return f"{' '.join(example.answer)}  (reference {' '.join(example.reference)})"

    severity_is = "words that are wrong or missing"

    def severity(self, example: SegmentationExample) -> float:
        return len(set(spans(example.reference)) ^ set(spans(example.answer)))


class SegmentationPredictor(Predictor[Sentence, SegmentationExample]):
    """A trained tagger behind a Viterbi decoder."""

    def __init__(self, task: SegmentationTask, problem: TaggingProblem, vocabularies: Vocabularies) -> None:
        decoder = build(task.experiment.decode)
        if not isinstance(decoder, SegmentationDecoder):
            raise TypeError(f"{task.experiment.decode.type} is not a decoder of word tags")
        self._task = task
        self._decoder = decoder
        self._problem = problem
        self._vocabularies = vocabularies

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        pieces = [self._task.pieces(text) for text in texts]
        flat = list(chain.from_iterable(pieces))
        features = [item for text in texts for item in self._task.features_of(text, self._vocabularies)]
        tags, _ = self._tags(flat, features, self._problem.scores)
        answers, start = [], 0
        for text, row in zip(texts, pieces, strict=True):
            words = _words(text, tags[start : start + len(row)])
            answers.append(Prediction(" ".join(words), {"words": list(words)}))
            start += len(row)
        return answers

    def examples(self, rows: Sequence[Sentence], known: Container[str]) -> list[SegmentationExample]:
        pieces = [self._task.pieces(row.text) for row in rows]
        items = [self._task.scored_items(row, self._vocabularies) for row in rows]
        flat, features = list(chain.from_iterable(pieces)), list(chain.from_iterable(items))
        tags, nll = self._tags(flat, features, self._problem.scores_and_nll)
        examples, start = [], 0
        for row, parts in zip(rows, pieces, strict=True):
            stop = start + len(parts)
            words = _words(row.text, tags[start:stop])
            examples.append(_example(row, words, sum(nll[start:stop]), known))
            start = stop
        return examples

    def _tags(
        self, pieces: Sequence[str], features: Sequence[Features], score: Score
    ) -> tuple[list[np.ndarray], list[float]]:
        """Tags and NLL of every piece."""
        tags = [np.zeros(0, np.int32)] * len(pieces)
        nll = [0.0] * len(pieces)
        batch_size = self._task.experiment.train.evaluation_batch_size
        potentials = self._problem.potentials
        for batch in score_pieces(features, score, batch_size, len(TAGS)):
            texts = [pieces[index] for index in batch.rows]
            paths = self._decoder.decode(
                texts, batch.scores, np.array(batch.lengths), **potentials, constrain=True
            )
            for index, path, loss in zip(batch.rows, paths, batch.nll, strict=True):
                tags[index], nll[index] = path, float(loss)
        return tags, nll


class JiebaPredictor(Predictor[Sentence, SegmentationExample]):
    """The segmenter jieba with its own dictionary. It gives no probabilities: its NLL is not a number."""

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        words = [jieba_words(text) for text in texts]
        return [Prediction(" ".join(row), {"words": list(row)}) for row in words]

    def examples(self, rows: Sequence[Sentence], known: Container[str]) -> list[SegmentationExample]:
        return [_example(row, jieba_words(row.text), math.nan, known) for row in rows]


def _example(
    row: Sentence, answer: tuple[str, ...], nll: float, known: Container[str]
) -> SegmentationExample:
    return SegmentationExample(
        text=row.text,
        reference=row.words,
        answer=answer,
        nll=nll,
        characters=len(row.text),
        known=tuple(word in known for word in row.words),
        group=(row.group,) if row.group else (),
    )


def _words(text: str, tags: Sequence[np.ndarray]) -> tuple[str, ...]:
    """The words of a text whose pieces have these tags. Blanks inside the text are words of their own."""
    whole = np.concatenate([np.zeros(0, np.int32), *tags])
    if len("".join(text.split())) < len(text):
        whole[[i for i, char in enumerate(text) if char.isspace()]] = SINGLE
    return words_of(text, whole)
