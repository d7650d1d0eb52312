"""Sentence similarity learned from pairs of sentences with a score."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nlpx.components.metrics.correlation import spearman
from nlpx.data.prepared import EncodedItems
from nlpx.data.rows import Question, ScoredPair
from nlpx.errors import DataError
from nlpx.specs.scored_pairs import ScoreLossSpec
from nlpx.specs.tasks.similarity import Similarity
from nlpx.tasks.base import Prediction, Predictor, Say, Vocabularies, unheard
from nlpx.tasks.examples import PairExample
from nlpx.tasks.retrieval import RetrievalPredictor, TfidfPredictor
from nlpx.tasks.sentence_predictor import MOST_ROWS_TO_LEARN_FROM, WEIGHTS, SentencePredictor
from nlpx.tasks.sentences import SentenceTask
from nlpx.tasks.similarity import SimilarityTask
from nlpx.text.points import Points, cosines

if TYPE_CHECKING:
    from nlpx.engine.problem import Batches
    from nlpx.models.sentence_pairs import SentencePairProblem


def similarity_task(experiment: Similarity) -> SimilarityTask | ScoredPairTask:
    """The task over the kind of rows that the source gives."""
    return ScoredPairTask(experiment) if experiment.row_type == "scored_pair" else SimilarityTask(experiment)


class ScoredPairTask(SentenceTask[ScoredPair, "SentencePairProblem", PairExample]):
    """Two sentences in, the cosine of their vectors out."""

    def check(self, row: ScoredPair) -> str | None:
        return None

    def count(self, row: ScoredPair) -> Mapping[str, Iterable[str]]:
        return self.tokens(*map(self.normalized, row.texts))

    def encode(self, row: ScoredPair, vocabularies: Vocabularies) -> list[dict[str, np.ndarray]]:
        # A cosine has no direction: the longer sentence is the main sequence, which chooses the bucket.
        second, first = sorted(map(self.normalized, row.texts), key=len)
        features = self.features(first, vocabularies)
        for name, values in self.features(second, vocabularies).items():
            features[f"second.{name}"] = values
        # Features are integers: the bits of the score.
        features["pair.score"] = np.array([row.score], np.float32).view(np.int32)
        return [features]

    def keys(self, row: ScoredPair) -> Iterable[str]:
        return row.texts

    def batches(self, items: EncodedItems) -> Batches | None:
        scores = items.others["pair"].features["pair.score"].view(np.float32)
        loss = self.experiment.loss
        if isinstance(loss, ScoreLossSpec):
            # By way of its text, 0.7 is what corpus and config say, not the nearest number of 32 bits.
            misfit = loss.misfit(*(float(str(score)) for score in (scores.min(), scores.max())))
            if misfit:
                raise DataError(f"the split train: {misfit}")
        return None

    def problem(self, vocabularies: Vocabularies) -> SentencePairProblem:
        from nlpx.models.sentence_pairs import SentencePairProblem

        return SentencePairProblem(self.encoder(vocabularies), self.experiment.loss)

    def predictor(self, problem: SentencePairProblem, vocabularies: Vocabularies) -> PairPredictor:
        return PairPredictor(PairSearch(self, problem, vocabularies))

    def references(self, vocabularies: Vocabularies) -> Mapping[str, Predictor[ScoredPair, PairExample]]:
        return {"tf-idf": PairScorer(TfidfPredictor(self.tfidf))}

    def describe(self, example: PairExample) -> str:
        asked = f"{example.first} | {example.second}"
        place = f"{abs(example.off):.0%} too {'high' if example.off > 0 else 'low'} among all pairs"
        return f"{asked} → {example.answer:.2f}  (score {example.score:g}; {place})"

    severity_is = "share of the places it is off"

    def severity(self, example: PairExample) -> float:
        return abs(example.off)


class PairScorer(Predictor[ScoredPair, PairExample]):
    """Says how alike two sentences are by their points.

    Args:
        sentences: makes points of sentences, and answers single ones.
    """

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
    """A trained sentence encoder, and the sentences of its training rows, once it is prepared with them."""

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

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """How alike the two sentences of `first<TAB>second` are; what is near a single sentence."""
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
        """How alike both sentences of every pair are."""
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
    """Looks for sentences among those of pairs.

    Attributes:
        pairs: reads the pairs of a split.
    """

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
    """The points of the first and of the second sentences."""
    found = points([text for pair in pairs for text in pair])
    return found[::2], found[1::2]


def single(rows: Iterable[ScoredPair]) -> Iterator[Question]:
    """Both sentences of every pair, in no group."""
    return (Question(row.where, "", text) for row in rows for text in row.texts)
