"""Predict the similarity of sentence pairs with a trained encoder, or with TF-IDF."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from nlpx.components.metrics.correlation import spearman
from nlpx.data.records import Question, ScoredPair
from nlpx.specs.predictor import Prediction, Predictor, Say, unheard
from nlpx.tasks.similarity.pair_example import PairExample
from nlpx.tasks.similarity.predictor import MOST_ROWS_TO_LEARN_FROM, WEIGHTS, SentencePredictor
from nlpx.tasks.similarity.retrieval import RetrievalPredictor
from nlpx.text.points import Points, cosines


class PairScorer(Predictor[ScoredPair, PairExample]):
    """Predicts the similarity of two sentences from their vectors."""

    def __init__(self, sentences: RetrievalPredictor) -> None:
        self.sentences = sentences

    def survey(self, rows: Iterable[ScoredPair]) -> None:
        self.sentences.survey(single(rows))

    @property
    def signature(self) -> str:
        return self.sentences.signature

    def examples(self, rows: Sequence[ScoredPair], known: Container[str]) -> list[PairExample]:
        from scipy.stats import rankdata

        first, second = in_pairs([row.texts for row in rows], self.sentences.points)
        answers = cosines(first.scores_in_pairs(second))
        off = (rankdata(answers) - rankdata([row.score for row in rows])) / len(rows)
        return [
            PairExample(
                row.first, row.second, row.score, answer, places, group=(row.group,) if row.group else ()
            )
            for row, answer, places in zip(rows, answers.tolist(), off.tolist(), strict=True)
        ]

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        return self.sentences.predict(texts)


class PairPredictor(PairScorer):
    """A trained sentence encoder, with an index of its training sentences after `prepare`."""

    sentences: PairSearch

    def prepare(
        self,
        rows: Callable[[str], Iterable[ScoredPair]],
        folder: Path | None = None,
        weights: str = "",
        say: Say = unheard,
    ) -> None:
        self.sentences.pairs = rows
        self.sentences.prepare(lambda split: single(rows(split)), folder, weights, say)

    def search_in(
        self, texts: Callable[[], Sequence[str]], folder: Path, weights: str, say: Say = unheard
    ) -> None:
        self.sentences.search_in(texts, folder, weights, say)

    def compute(self, text: str) -> None:
        self.sentences.vectors(text.split("\t"))

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """The similarity of `first<TAB>second`, or the neighbours of a single sentence."""
        parts = [text.split("\t") for text in texts]
        alike = iter(self.compared([pair for pair in parts if len(pair) == 2]))
        near = iter(self.sentences.predict([pair[0] for pair in parts if len(pair) == 1]))
        answers = []
        for pair in parts:
            if len(pair) <= 2:
                answers.append(next(near if len(pair) == 1 else alike))
            else:
                reason = f"{len(pair) - 1} tabs; expected one between two sentences to compare, or none"
                answers.append(Prediction(reason, failed=True))
        return answers

    def compared(self, pairs: Sequence[Sequence[str]]) -> list[Prediction]:
        """The similarity of each pair."""
        if not pairs:
            return []
        first, second = in_pairs(pairs, self.sentences.asked)
        score, cosine = (
            cosines(first.weighted(weight).scores_in_pairs(second.weighted(weight))).tolist()
            for weight in (self.sentences.weight, 0)
        )
        return [
            Prediction(f"{one:.3f}", {"score": one, "cosine": other})
            for one, other in zip(score, cosine, strict=True)
        ]


class PairSearch(SentencePredictor):
    """Searches the sentences of pairs."""

    pairs: Callable[[str], Iterable[ScoredPair]]

    def learned_weight(self) -> float:
        rows = list(islice(self.pairs("valid"), MOST_ROWS_TO_LEARN_FROM))
        tfidf = self.tfidf(text for row in rows for text in row.texts)
        first, second = in_pairs([row.texts for row in rows], lambda texts: self.unweighted(texts, tfidf))
        scores = [row.score for row in rows]
        found = [
            spearman(first.weighted(weight).scores_in_pairs(second.weighted(weight)), scores)
            for weight in WEIGHTS
        ]
        return WEIGHTS[int(np.argmax(found))]


def in_pairs(
    pairs: Sequence[Sequence[str]], points: Callable[[Sequence[str]], Points]
) -> tuple[Points, Points]:
    """The vectors of the first and of the second sentences."""
    found = points([text for pair in pairs for text in pair])
    return found[::2], found[1::2]


def single(rows: Iterable[ScoredPair]) -> Iterator[Question]:
    """Both sentences of each pair, without groups."""
    return (Question(row.where, "", text) for row in rows for text in row.texts)
