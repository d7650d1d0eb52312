"""Sentence similarity learned from groups of sentences that mean the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nlpx.data.batching import choose_boundaries
from nlpx.data.group_batches import GroupBatches
from nlpx.data.prepared import EncodedItems
from nlpx.data.rows import Question
from nlpx.data.sentence_index import SentenceIndex, open_index
from nlpx.decoding.nearest import Nearest
from nlpx.metrics.question_example import QuestionExample
from nlpx.metrics.retrieval import ranks
from nlpx.registry import build
from nlpx.specs.similarity_losses import SimilarityLossSpec
from nlpx.tasks.base import Answer, Answerer, Vocabularies
from nlpx.tasks.retrieval import RetrievalAnswerer, TfidfAnswerer
from nlpx.tasks.sentences import TERMS, SentenceTask
from nlpx.tasks.tagging import score_pieces
from nlpx.text.points import Points
from nlpx.text.tfidf import document_terms
from nlpx.text.vocabulary import UNKNOWN

if TYPE_CHECKING:
    from nlpx.models.encoder import SentenceProblem
    from nlpx.training.problem import Batches

GROUPS = "group"
"""Vocabulary of the groups of the training rows."""
WEIGHTS = [step / 20 for step in range(21)]
"""Among which the weight of the lexical part is learned."""
MOST_ROWS_TO_LEARN_FROM = 5000
BLANK = Answer("", {"neighbours": []})


class SimilarityTask(SentenceTask[Question, "SentenceProblem", QuestionExample]):
    """Sentences in, vectors out."""

    @property
    def min_counts(self) -> Mapping[str, int]:
        return {**super().min_counts, GROUPS: 1}

    @property
    def max_sizes(self) -> Mapping[str, int | None]:
        return {**super().max_sizes, GROUPS: None}

    def check(self, row: Question) -> str | None:
        return f"a group cannot be called {UNKNOWN}" if row.group_id == UNKNOWN else None

    def count(self, row: Question) -> Mapping[str, Iterable[str]]:
        text = self.normalized(row.text)
        return {**self.tokens(text), GROUPS: (row.group_id,), TERMS: document_terms(text)}

    def encode(self, row: Question, vocabularies: Vocabularies) -> list[dict[str, np.ndarray]]:
        # Id 0 of the vocabulary is the unknown, which is no group.
        group = vocabularies[GROUPS].ids((row.group_id,)) - 1
        return [{**self.features(self.normalized(row.text), vocabularies), "group.id": group}]

    def keys(self, row: Question) -> Iterable[str]:
        return (row.text,)

    @property
    def classifies(self) -> bool:
        """Whether the loss wants a vector for each group."""
        loss = self.experiment.loss
        return isinstance(loss, SimilarityLossSpec) and loss.classifies

    def batches(self, items: EncodedItems) -> Batches | None:
        if self.classifies:
            return None
        train = self.experiment.train
        return GroupBatches(
            items,
            items.others["group"].features["group.id"],
            train.batch_size,
            sorted(train.buckets or choose_boundaries(items.lengths)),
            self.experiment.seed,
            train.accumulation,
        )

    def problem(self, vocabularies: Vocabularies) -> SentenceProblem:
        from nlpx.models.encoder import SentenceProblem

        classes = len(vocabularies[GROUPS]) - 1 if self.classifies else None
        return SentenceProblem(self.encoder(vocabularies, classes), self.experiment.loss)

    def answerer(self, problem: SentenceProblem, vocabularies: Vocabularies) -> SimilarityAnswerer:
        return SimilarityAnswerer(self, problem, vocabularies)

    def references(self, vocabularies: Vocabularies) -> Mapping[str, Answerer[Question, QuestionExample]]:
        return {"tf-idf": TfidfAnswerer(self.tfidf(vocabularies), self.normalized)}

    def describe(self, example: QuestionExample) -> str:
        verdict = "same group" if example.right else "another group"
        found = f"{example.nearest} {example.score:.2f}"
        return f"{example.text} → {found}  ({verdict}; lead {example.lead:+.2f})"

    def badness(self, example: QuestionExample) -> float:
        return -example.lead


class SimilarityAnswerer(RetrievalAnswerer):
    """A trained sentence encoder, and the sentences of its training rows, once it is equipped with them."""

    def __init__(
        self,
        task: SentenceTask[Any, Any, Any],
        problem: SentenceProblem,
        vocabularies: Vocabularies,
    ) -> None:
        decoder = build(task.experiment.decode)
        if not isinstance(decoder, Nearest):
            raise TypeError(f"{task.experiment.decode.type} is not a decoder of neighbours")
        self._task = task
        self._problem = problem
        self._vocabularies = vocabularies
        self._decoder = decoder
        self._tfidf = task.tfidf(vocabularies) if decoder.lexical else None
        self._rows: Callable[[str], Iterable[Question]] | None = None
        self._index: SentenceIndex | None = None
        self._corpus: Points | None = None  # of the sentences of the index
        self._weight: float | None = None

    def equip(
        self, rows: Callable[[str], Iterable[Question]], folder: Path | None = None, weights: str = ""
    ) -> None:
        self._rows, self._index, self._corpus, self._weight = rows, None, None, None
        if folder is not None:
            width = self._problem.model.width
            self._index = open_index(folder, weights, width, self._sentences, self.vectors)
            if self._decoder.lexical == "learned":
                self._weight = remembered(folder / f"{weights}.json", lambda: self.weight)

    def search_in(self, texts: Callable[[], Sequence[str]], folder: Path, weights: str) -> None:
        self._index = open_index(folder, weights, self._problem.model.width, texts, self.vectors)
        self._corpus = None

    @property
    def index(self) -> SentenceIndex:
        """The sentences that texts are looked for in, with their vectors."""
        if self._index is None:
            texts = self._sentences()
            self._index = SentenceIndex(texts, self.vectors(texts))
        return self._index

    @property
    def weight(self) -> float:
        """The weight of the lexical part."""
        if self._decoder.lexical != "learned":
            return self._decoder.lexical
        if self._weight is None:
            self._weight = self.learned_weight()
        return self._weight

    def learned_weight(self) -> float:
        """The weight of the lexical part that serves the rows of valid best."""
        rows = list(islice(self._split("valid"), MOST_ROWS_TO_LEARN_FROM))
        points = self._unweighted([row.text for row in rows])
        return best_weight(points, [row.group_id for row in rows])

    def vectors(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of texts, (n, D) float32; 0 for a text without characters."""
        task = self._task
        features = [task.features(task.normalized(text), self._vocabularies) for text in texts]
        vectors = np.zeros((len(texts), self._problem.model.width), np.float32)
        size = task.experiment.train.evaluation_batch_size
        for batch in score_pieces(features, self._problem.vectors, size, 1):
            vectors[batch.rows] = batch.scores
        return vectors

    def points(self, texts: Sequence[str]) -> Points:
        return self._unweighted(texts).weighted(self.weight)

    def answer(self, texts: Sequence[str]) -> list[Answer]:
        answers: list[Answer] = []
        if texts:
            asked, index = self.points(texts), self.index
            if self._corpus is None:
                self._corpus = self._unweighted(index.texts, index.vectors).weighted(self.weight)
            for rows, scores in asked.blocks(self._corpus):
                columns, best = self._decoder.decode(scores)
                for text, vector, *found in zip(texts[rows], asked.dense[rows], columns, best, strict=True):
                    answers.append(self._answer(vector, *found) if text.strip() else BLANK)
        return answers

    def _answer(self, vector: np.ndarray, places: np.ndarray, scores: np.ndarray) -> Answer:
        texts = [self.index.texts[place] for place in places]
        cosines = self.index.vectors[places] @ vector
        found = list(zip(texts, scores.tolist(), cosines.tolist(), strict=True))
        line = "  ".join(f"{text} {score:.3f}" for text, score, _ in found)
        names = ("text", "score", "cosine")
        return Answer(line, {"neighbours": [dict(zip(names, values, strict=True)) for values in found]})

    def _split(self, split: str) -> Iterable[Question]:
        if self._rows is None:
            raise RuntimeError("equip the answerer first")
        return self._rows(split)

    def _sentences(self) -> list[str]:
        """The sentences of the training rows, each once."""
        return list(dict.fromkeys(row.text for row in self._split("train")))

    def _unweighted(self, texts: Sequence[str], vectors: np.ndarray | None = None) -> Points:
        """Points whose lexical part has the weight 1."""
        dense = self.vectors(texts) if vectors is None else vectors
        if self._tfidf is None:
            return Points.of_dense(dense)
        return Points(dense, self._tfidf([self._task.normalized(text) for text in texts]))


def best_weight(points: Points, groups: Sequence[str]) -> float:
    """The weight of the sparse parts with the greatest mean reciprocal rank; the least of equal ones."""
    found = [ranks(points.weighted(weight), groups) for weight in WEIGHTS]
    return WEIGHTS[int(np.argmax([(1 / rank).mean() if len(rank) else 0.0 for rank in found]))]


def remembered(path: Path, learn: Callable[[], float]) -> float:
    """The weight that a file holds; learned, and written there if it can be, where it holds none."""
    try:
        return float(json.loads(path.read_text(encoding="utf-8"))["lexical"])
    except (OSError, ValueError, KeyError, TypeError):
        weight = learn()
    with suppress(OSError):
        path.write_text(json.dumps({"lexical": weight}) + "\n", encoding="utf-8")
    return weight
