"""Answers of a model of sentences: the sentences of its training rows, or of a file, that are nearest."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_matrix

from nlpx.data.rows import Question
from nlpx.data.sentence_index import Indexer, SentenceIndex
from nlpx.decoding.approximate import Approximate
from nlpx.decoding.nearest import Nearest
from nlpx.metrics.retrieval import ranks
from nlpx.registry import build
from nlpx.tasks.base import Answer, Say, Vocabularies, unheard
from nlpx.tasks.retrieval import RetrievalAnswerer
from nlpx.tasks.sentences import SentenceTask
from nlpx.tasks.tagging import score_pieces
from nlpx.text.points import Points, excess

if TYPE_CHECKING:
    from nlpx.models.encoder import SentenceProblem

WEIGHTS = [step / 20 for step in range(21)]
"""Among which the weight of the lexical part is learned."""
MOST_ROWS_TO_LEARN_FROM = 5000
BLANK = Answer("", {"neighbours": []})


class SentenceAnswerer(RetrievalAnswerer):
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
        over = excess(cosines)
        found = list(zip(texts, (scores - over).tolist(), (cosines - over).tolist(), strict=True))
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
