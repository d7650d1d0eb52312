"""Chinese word segmentation: tags s, b, m, e for every character; the best tag sequence gives the words."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from nlpx.data.rows import Sentence
from nlpx.metrics.examples import SegmentationExample
from nlpx.metrics.word_f1 import spans
from nlpx.registry import build
from nlpx.specs.heads import CRF
from nlpx.specs.tasks.segmentation import Segmentation
from nlpx.tasks.base import Answer, Answerer, Vocabularies
from nlpx.tasks.tagging import Features, Score, TaggingTask, score_pieces
from nlpx.text.pieces import cut
from nlpx.text.tags import LEGAL_START, LEGAL_STOP, LEGAL_TRANSITIONS, TAGS, tags_of, words_of

if TYPE_CHECKING:
    from nlpx.models.tagger import TaggingProblem

SINGLE = TAGS.index("s")


class SegmentationTask(TaggingTask[Sentence]):
    """Text in, words out; joined, the words are the text."""

    experiment: Segmentation

    def __init__(self, experiment: Segmentation) -> None:
        super().__init__(experiment, experiment.model)

    def check(self, row: Sentence) -> str | None:
        return None if row.words else "no words"

    def count(self, row: Sentence) -> Mapping[str, Iterable[str]]:
        return self.tokens(self.normalizer.normalize(row.text))

    def encode(self, row: Sentence, vocabularies: Vocabularies) -> list[dict[str, np.ndarray]]:
        tags = tags_of(row.words)
        items, start = [], 0
        for piece in self.pieces(row.text):
            stop = start + len(piece)
            # A word that a cut goes through counts as two: every piece has a legal tag sequence.
            target = tags_of(words_of(piece, tags[start:stop]))
            items.append({**self.piece_features(piece, vocabularies), "target": target})
            start = stop
        return items

    def keys(self, row: Sentence) -> Iterable[str]:
        return row.words

    def pieces(self, text: str) -> list[str]:
        """A text cut at punctuation into pieces that are short enough for the model."""
        return cut(text, self.experiment.data.max_length)

    def piece_features(self, piece: str, vocabularies: Vocabularies) -> Features:
        """Features of a piece as it was written."""
        return self.features(self.normalizer.normalize(piece), vocabularies)

    @property
    def head_context(self) -> Mapping[str, object]:
        head = self.experiment.model.head
        if not (isinstance(head, CRF) and head.constrain):
            return {}
        return {"transition_mask": LEGAL_TRANSITIONS, "start_mask": LEGAL_START, "stop_mask": LEGAL_STOP}

    def answers(self, vocabularies: Vocabularies) -> int:
        return len(TAGS)

    def answerer(self, problem: TaggingProblem, vocabularies: Vocabularies) -> SegmentationAnswerer:
        return SegmentationAnswerer(self, problem, vocabularies)

    def describe(self, example: SegmentationExample) -> str:
        return f"{' '.join(example.answer)}  (reference {' '.join(example.reference)})"

    def badness(self, example: SegmentationExample) -> float:
        return len(set(spans(example.reference)) ^ set(spans(example.answer)))


class SegmentationAnswerer(Answerer[Sentence]):
    """A trained tagger behind a Viterbi decoder."""

    def __init__(self, task: SegmentationTask, problem: TaggingProblem, vocabularies: Vocabularies) -> None:
        self._task = task
        self._decoder = build(task.experiment.decode)
        self._problem = problem
        self._vocabularies = vocabularies

    def answer(self, texts: Sequence[str]) -> list[Answer]:
        pieces = [self._task.pieces(text) for text in texts]
        flat = list(chain.from_iterable(pieces))
        features = [self._task.piece_features(piece, self._vocabularies) for piece in flat]
        tags, _ = self._tags(flat, features, self._problem.scores)
        answers, start = [], 0
        for text, row in zip(texts, pieces, strict=True):
            words = _words(text, tags[start : start + len(row)])
            answers.append(Answer(" ".join(words), {"words": list(words)}))
            start += len(row)
        return answers

    def examples(self, rows: Sequence[Sentence], known: Container[str]) -> list[SegmentationExample]:
        pieces = [self._task.pieces(row.text) for row in rows]
        items = [self._task.encode(row, self._vocabularies) for row in rows]
        flat, features = list(chain.from_iterable(pieces)), list(chain.from_iterable(items))
        tags, nll = self._tags(flat, features, self._problem.scores_and_nll)
        examples, start = [], 0
        for row, parts in zip(rows, pieces, strict=True):
            stop = start + len(parts)
            examples.append(
                SegmentationExample(
                    text=row.text,
                    reference=row.words,
                    answer=_words(row.text, tags[start:stop]),
                    nll=sum(nll[start:stop]),
                    characters=len(row.text),
                    known=tuple(word in known for word in row.words),
                    group=(row.group,) if row.group else (),
                )
            )
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
            paths = self._decoder.decode(texts, batch.scores, batch.lengths, **potentials, constrain=True)
            for index, path, loss in zip(batch.rows, paths, batch.nll, strict=True):
                tags[index], nll[index] = path, float(loss)
        return tags, nll


def _words(text: str, tags: Sequence[np.ndarray]) -> tuple[str, ...]:
    """The words of a text whose pieces have these tags. Blanks inside the text are words of their own."""
    whole = np.concatenate([np.zeros(0, np.int32), *tags])
    blanks = [i for i, char in enumerate(text) if char.isspace()]
    whole[blanks] = SINGLE
    return words_of(text, whole)
