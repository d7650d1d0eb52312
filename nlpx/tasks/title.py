"""Headlines: a text that is written about another one."""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Mapping, Sequence
from importlib.metadata import version
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from nlpx.components.metrics.rouge import characters, subsequence_f1
from nlpx.core.build import build
from nlpx.data.padding import padded_batches
from nlpx.data.rows import Article
from nlpx.decoding.jieba_words import jieba_words
from nlpx.decoding.sequence import SequenceDecoder
from nlpx.specs.tasks.title import Title
from nlpx.tasks.base import Prediction, Predictor, Task, Vocabularies
from nlpx.tasks.examples import TitleExample
from nlpx.text.normalize import Normalizer
from nlpx.text.spelling import Spelling, long_words

if TYPE_CHECKING:
    from nlpx.models.writing import Seq2SeqProblem

Features = dict[str, np.ndarray]
SCORES_PER_BATCH = 1 << 24
"""Bounds the memory of one batch of evaluation: rows * longest title * vocabulary."""
WORDS = "word"
"""Name of the vocabulary of words."""
SHOWN = 60
"""Characters of an article that a person is shown."""


class TitleTask(Task[Article, "Seq2SeqProblem", TitleExample]):
    """Article in, headline out.

    Tokens are characters, or words and the characters of words without an id; the ids after the last one are
    those of the start and the end of a headline, which no text can contain.
    """

    experiment: Title

    def __init__(self, experiment: Title) -> None:
        super().__init__(experiment)
        normalize = experiment.data.normalize
        self._normalizer = Normalizer(normalize.width, normalize.case, normalize.digits)
        self._words = experiment.vocabulary.unit == "word"
        self._spelling: Spelling | None = None

    @property
    def min_counts(self) -> Mapping[str, int]:
        vocabulary = self.experiment.vocabulary
        words = {WORDS: vocabulary.min_word_count or vocabulary.min_count} if self._words else {}
        return {"char": vocabulary.min_count, **words}

    @property
    def max_sizes(self) -> Mapping[str, int | None]:
        return {"char": self.experiment.vocabulary.max_size, **({WORDS: None} if self._words else {})}

    def settings(self) -> str:
        data = self.experiment.data
        settings = f"{type(self).__name__} 1 {data.normalize!r} {data.max_length} {data.max_title}"
        # Another release of jieba may cut otherwise.
        return f"{settings} jieba {version('jieba')}" if self._words else settings

    def check(self, row: Article) -> str | None:
        if not row.content.strip():
            return "the article is empty"
        return None if row.title.strip() else "the title is empty"

    def keeps(self, row: Article) -> bool:
        return len(row.title) <= self.experiment.data.max_title

    def count(self, row: Article) -> Mapping[str, Iterable[str]]:
        texts = self._read(row.content), self._normalizer.normalize(row.title)
        words = {WORDS: long_words(chain.from_iterable(map(jieba_words, texts)))} if self._words else {}
        return {"char": "".join(texts), **words}

    def encode(self, row: Article, vocabularies: Vocabularies) -> list[dict[str, np.ndarray]]:
        return [self.features(row.content, vocabularies, row.title)] if self.keeps(row) else []

    def keys(self, row: Article) -> Iterable[str]:
        return (row.content,)

    def features(self, article: str, vocabularies: Vocabularies, title: str | None = None) -> Features:
        """Ids of the article's beginning, its distinct ids, and the ids of the headline and its end."""
        spelling = self.spelling(vocabularies)
        ids = spelling.ids(self._read(article))
        features = {"char": ids, "prior.char": np.unique(ids)}
        if title is not None:
            end = np.array([len(spelling) + 1], np.int32)
            written = spelling.ids(self._normalizer.normalize(title))
            features["title.char"] = np.concatenate([written, end])
        return features

    def spelling(self, vocabularies: Vocabularies) -> Spelling:
        """How texts become tokens; made of the first vocabularies that are given."""
        if self._spelling is None:
            self._spelling = Spelling(vocabularies["char"], vocabularies.get(WORDS), jieba_words)
        return self._spelling

    def _read(self, article: str) -> str:
        return self._normalizer.normalize(article[: self.experiment.data.max_length])

    def problem(self, vocabularies: Vocabularies) -> Seq2SeqProblem:
        from nlpx.models.seq2seq import build_seq2seq
        from nlpx.models.writing import Seq2SeqProblem

        model = build_seq2seq(self.experiment.model, len(self.spelling(vocabularies)))
        return Seq2SeqProblem(model, self.experiment.loss)

    def predictor(self, problem: Seq2SeqProblem, vocabularies: Vocabularies) -> TitlePredictor:
        return TitlePredictor(self, problem, vocabularies)

    def references(self, vocabularies: Vocabularies) -> Mapping[str, Predictor[Article, TitleExample]]:
        lead = self.experiment.lead
        return {f"lead_{lead}": LeadPredictor(lead)}

    def describe(self, example: TitleExample) -> str:
        beginning = example.article[:SHOWN] + ("…" if len(example.article) > SHOWN else "")
        return f"{beginning} → {example.answer}  (reference {example.reference})"

    severity_is = "1 - ROUGE-L"

    def severity(self, example: TitleExample) -> float:
        return 1 - subsequence_f1(characters(example.answer), characters(example.reference))


class TitlePredictor(Predictor[Article, TitleExample]):
    """A trained writer behind a decoder."""

    def __init__(self, task: TitleTask, problem: Seq2SeqProblem, vocabularies: Vocabularies) -> None:
        decoder = build(task.experiment.decode)
        if not isinstance(decoder, SequenceDecoder):
            raise TypeError(f"{task.experiment.decode.type} is not a decoder of texts")
        self._task = task
        self._problem = problem
        self._vocabularies = vocabularies
        self._tokens = task.spelling(vocabularies).tokens
        self._decoder = decoder
        self._write = problem.writer(decoder, banned=(0,))
        longest = task.experiment.data.max_title + 1
        most = SCORES_PER_BATCH // (longest * len(self._tokens))
        self._batch_size = max(1, min(task.experiment.train.evaluation_batch_size, most))

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        return [Prediction(title, {"title": title}) for title, _ in self._written([t.strip() for t in texts])]

    def examples(self, rows: Sequence[Article], known: Container[str]) -> list[TitleExample]:
        items = [self._task.features(row.content, self._vocabularies, row.title) for row in rows]
        nll = np.zeros(len(rows))
        for indices, batch in padded_batches(items, self._batch_size):
            nll[indices] = self._problem.nll(batch)
        written = self._written([row.content for row in rows])
        return [
            _example(row, title, finished, float(loss))
            for row, (title, finished), loss in zip(rows, written, nll, strict=True)
        ]

    def _written(self, articles: Sequence[str]) -> list[tuple[str, bool]]:
        """Headline of every article, and whether it ended by itself; the empty one for an empty article."""
        titles = [("", True)] * len(articles)
        items = [self._task.features(article, self._vocabularies) for article in articles]
        for indices, batch in padded_batches(items, self._batch_size):
            found = self._write(batch, self._decoder.uniforms([articles[index] for index in indices]))
            for row, index in enumerate(indices):
                ids = found.tokens[row, : found.lengths[row]]
                titles[index] = "".join(self._tokens[i] for i in ids), bool(found.finished[row])
        return titles


class LeadPredictor(Predictor[Article, TitleExample]):
    """Answers with the beginning of the article. It gives no probabilities: its NLL is not a number.

    Args:
        length: number of characters.
    """

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
