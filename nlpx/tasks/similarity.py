"""Sentence similarity: vectors of sentences, near one another where they mean the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_matrix

from nlpx.data.batching import choose_boundaries
from nlpx.data.group_batches import GroupBatches
from nlpx.data.prepared import EncodedItems
from nlpx.data.rows import Question
from nlpx.data.sentence_index import Indexer, SentenceIndex
from nlpx.decoding.approximate import Approximate
from nlpx.decoding.nearest import Nearest
from nlpx.metrics.question_example import QuestionExample
from nlpx.metrics.retrieval import ranks
from nlpx.registry import build
from nlpx.specs.similarity_losses import SimilarityLossSpec
from nlpx.specs.tasks.similarity import Similarity
from nlpx.tasks.base import Answer, Answerer, Say, Vocabularies, unheard
from nlpx.tasks.features import FeatureTask
from nlpx.tasks.retrieval import RetrievalAnswerer, TfidfAnswerer
from nlpx.tasks.tagging import score_pieces
from nlpx.text.points import Points
from nlpx.text.tfidf import Tfidf, document_terms
from nlpx.text.vocabulary import UNKNOWN

if TYPE_CHECKING:
    from nlpx.models.encoder import SentenceProblem
    from nlpx.training.problem import Batches

GROUPS, TERMS = "group", "term"
"""Vocabularies of the groups of the training rows, and of the terms of TF-IDF."""
WEIGHTS = [step / 20 for step in range(21)]
"""Among which the weight of the lexical part is learned."""
MOST_ROWS_TO_LEARN_FROM = 5000
BLANK = Answer("", {"neighbours": []})


class SimilarityTask(FeatureTask[Question, "SentenceProblem", QuestionExample]):
    """Sentences in, vectors out."""

    experiment: Similarity

    def __init__(self, experiment: Similarity) -> None:
        super().__init__(experiment, experiment.model)

    @property
    def min_counts(self) -> Mapping[str, int]:
        return {**super().min_counts, GROUPS: 1, TERMS: 1}

    @property
    def max_sizes(self) -> Mapping[str, int | None]:
        return {**super().max_sizes, GROUPS: None, TERMS: None}

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

    def normalized(self, text: str) -> str:
        """What the model sees of a text."""
        return self.normalizer.normalize(text)[: self.experiment.data.max_length]

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
        from nlpx.models.encoder import SentenceProblem, build_encoder

        sizes = {name: len(vocabularies[name]) for name in super().min_counts}
        model = build_encoder(
            self.experiment.model,
            characters=sizes.pop("char"),
            ngram_sizes=sizes,
            classes=len(vocabularies[GROUPS]) - 1 if self.classifies else None,
            longest=self.experiment.data.max_length,
        )
        return SentenceProblem(model, self.experiment.loss)

    def answerer(self, problem: SentenceProblem, vocabularies: Vocabularies) -> SimilarityAnswerer:
        return SimilarityAnswerer(self, problem, vocabularies)

    def references(self, vocabularies: Vocabularies) -> Mapping[str, Answerer[Question, QuestionExample]]:
        return {"tf-idf": TfidfAnswerer(self.tfidf(vocabularies), self.normalized)}

    def tfidf(self, vocabularies: Vocabularies) -> Tfidf:
        """TF-IDF with the weights of the training rows."""
        return Tfidf(vocabularies[TERMS].tokens, vocabularies[TERMS].counts)

    def describe(self, example: QuestionExample) -> str:
        verdict = "same group" if example.right else "another group"
        found = f"{example.nearest} {example.score:.2f}"
        return f"{example.text} → {found}  ({verdict}; lead {example.lead:+.2f})"

    def badness(self, example: QuestionExample) -> float:
        return -example.lead


class SimilarityAnswerer(RetrievalAnswerer):
    """A trained sentence encoder, and the sentences of its training rows, once it is equipped with them."""

    def __init__(self, task: SimilarityTask, problem: SentenceProblem, vocabularies: Vocabularies) -> None:
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
        self._weight: float | None = None

    def equip(
        self,
        rows: Callable[[str], Iterable[Question]],
        folder: Path | None = None,
        weights: str = "",
        say: Say = unheard,
    ) -> None:
        self._rows, self._index, self._weight = rows, None, None
        if folder is not None:
            if self._decoder.lexical == "learned":
                self._weight = remembered(folder / f"{weights}.json", lambda: self.weight)
            self._index = self._indexer.open(folder, weights, self._sentences, say)

    def search_in(
        self, texts: Callable[[], Sequence[str]], folder: Path, weights: str, say: Say = unheard
    ) -> None:
        self._index = self._indexer.open(folder, weights, texts, say)

    @property
    def index(self) -> SentenceIndex:
        """The sentences that texts are looked for in, with what they are found by."""
        if self._index is None:
            self._index = self._indexer.make(self._sentences())
        return self._index

    @property
    def weight(self) -> float:
        """The weight of the lexical part."""
        if self._decoder.lexical != "learned":
            return self._decoder.lexical
        if self._weight is None:
            rows = list(islice(self._split("valid"), MOST_ROWS_TO_LEARN_FROM))
            points = self._unweighted([row.text for row in rows])
            self._weight = best_weight(points, [row.group_id for row in rows])
        return self._weight

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
        if not texts:
            return []
        asked = self._unweighted(texts).asking(self.weight)
        found = self._decoder.search(asked, self.index)
        return [
            self._answer(vector, *neighbours) if text.strip() else BLANK
            for text, vector, neighbours in zip(texts, asked.dense, found, strict=True)
        ]

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

    def _unweighted(self, texts: Sequence[str]) -> Points:
        """Points whose lexical part has the weight 1."""
        dense = self.vectors(texts)
        return Points.of_dense(dense) if self._tfidf is None else Points(dense, self._lexical(texts))

    def _lexical(self, texts: Sequence[str]) -> csr_matrix:
        """TF-IDF of texts, (n, number of terms)."""
        if self._tfidf is None:
            raise RuntimeError("this decoder has no lexical part")
        return self._tfidf([self._task.normalized(text) for text in texts])

    @property
    def _indexer(self) -> Indexer:
        return Indexer(
            dim=self._problem.model.width,
            encode=self.vectors,
            lexical=self._lexical if self.weight else None,
            approximate=isinstance(self._decoder, Approximate),
        )


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
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"lexical": weight}) + "\n", encoding="utf-8")
    return weight
