"""Predictor of the task similarity: the nearest sentences of the training split, or of a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nlpx.components.decoders.approximate import Approximate
from nlpx.components.decoders.neighbours import Neighbours
from nlpx.components.metrics.retrieval import ranks
from nlpx.data.codec import Vocabularies
from nlpx.data.pieces import score_pieces
from nlpx.data.records import Question
from nlpx.specs.predictor import Prediction, Say, unheard
from nlpx.tasks.similarity.codec import SentenceCodec
from nlpx.tasks.similarity.config import Similarity
from nlpx.tasks.similarity.lexical_weight import remembered
from nlpx.tasks.similarity.retrieval import RetrievalPredictor
from nlpx.tasks.similarity.sentence_index import Indexer, SentenceIndex
from nlpx.text.points import Points, cosines
from nlpx.text.tfidf import Tfidf

if TYPE_CHECKING:
    from nlpx.models.encoder import SentenceLearner

WEIGHTS = [step / 20 for step in range(21)]
"""Candidates for the weight of the lexical part."""
MOST_ROWS_TO_LEARN_FROM = 5000
BLANK = Prediction("", {"neighbours": []})


class SentencePredictor(RetrievalPredictor):
    """A trained sentence encoder, with an index of its training sentences after `prepare`."""

    def __init__(
        self,
        experiment: Similarity,
        codec: SentenceCodec[Any],
        learner: SentenceLearner,
        vocabularies: Vocabularies,
    ) -> None:
        self._experiment = experiment
        self._codec = codec
        self._learner = learner
        self._vocabularies = vocabularies
        self._decoder = Neighbours.of(experiment.decode)
        self._rows: Callable[[str], Iterable[Question]] | None = None
        self._index: SentenceIndex | None = None
        self._weight: float | None = None
        self._surveyed: Tfidf | None = None
        self._searched: Tfidf | None = None

    def prepare(
        self,
        rows: Callable[[str], Iterable[Question]],
        folder: Path | None = None,
        weights: str = "",
        say: Say = unheard,
    ) -> None:
        self._rows, self._index, self._weight, self._searched = rows, None, None, None
        if folder is not None:
            if self._decoder.lexical == "learned":
                self._weight = remembered(folder / f"{weights}.json", self.learned_weight, say)
            self._index = self._indexer.open(folder, weights, self._sentences, say)

    def search_in(
        self, texts: Callable[[], Sequence[str]], folder: Path, weights: str, say: Say = unheard
    ) -> None:
        self._index = self._indexer.open(folder, weights, texts, say)

    def survey(self, rows: Iterable[Question]) -> None:
        if self._decoder.lexical:
            self._surveyed = self.tfidf(row.text for row in rows)

    @property
    def index(self) -> SentenceIndex:
        """The index of the sentences to search."""
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
        """The weight of the lexical part with the best result on the validation split."""
        rows = list(islice(self._split("valid"), MOST_ROWS_TO_LEARN_FROM))
        texts = [row.text for row in rows]
        points = self.unweighted(texts, self.tfidf(texts))
        return best_weight(points, [row.group_id for row in rows])

    def vectors(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of texts, (n, D) float32; 0 for a text without characters."""
        codec = self._codec
        features = [codec.features(codec.normalized(text), self._vocabularies) for text in texts]
        vectors = np.zeros((len(texts), self._learner.width), np.float32)
        size = self._experiment.train.evaluation_batch_size
        for batch in score_pieces(features, self._learner.vectors, size, 1):
            vectors[batch.rows] = batch.scores
        return vectors

    def tfidf(self, texts: Iterable[str]) -> Tfidf:
        """TF-IDF with the document frequencies of the distinct sentences."""
        return self._codec.tfidf(texts)

    def unweighted(self, texts: Sequence[str], tfidf: Tfidf | None) -> Points:
        """Vectors whose parts both have length 1; the lexical part, if any, is TF-IDF of a corpus."""
        dense = self.vectors(texts)
        return Points.of_dense(dense) if tfidf is None else Points(dense, tfidf(texts))

    def points(self, texts: Sequence[str]) -> Points:
        if self.weight and self._surveyed is None:
            raise RuntimeError("survey the rows first")
        return self.unweighted(texts, self._surveyed).weighted(self.weight)

    def asked(self, texts: Sequence[str]) -> Points:
        """Unweighted vectors, with document frequencies of the searched sentences in the lexical part."""
        if self._index is None and self._searched is None and self.weight:
            self._searched = self.tfidf(self._sentences())
        return self.unweighted(texts, self._searched if self._index is None else self._index.lexical)

    def compute(self, text: str) -> None:
        self.vectors([text])

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        if not texts:
            return []
        index = self.index  # must exist first, because queries use its document frequencies
        asked = self.asked(texts)
        found = self._decoder.search(asked.asking(self.weight), index)
        return [
            self._answer(vector, *neighbours) if text.strip() else BLANK
            for text, vector, neighbours in zip(texts, asked.dense, found, strict=True)
        ]

    def _answer(self, vector: np.ndarray, places: np.ndarray, scores: np.ndarray) -> Prediction:
        texts = [self.index.texts[place] for place in places]
        columns = cosines(scores), cosines(self.index.vectors[places] @ vector)
        found = list(zip(texts, *(column.tolist() for column in columns), strict=True))
        line = "  ".join(f"{text} {score:.3f}" for text, score, _ in found)
        names = ("text", "score", "cosine")
        return Prediction(line, {"neighbours": [dict(zip(names, values, strict=True)) for values in found]})

    def _split(self, split: str) -> Iterable[Question]:
        if self._rows is None:
            raise RuntimeError("prepare the predictor first")
        return self._rows(split)

    def _sentences(self) -> list[str]:
        """The distinct sentences of the training split."""
        return list(dict.fromkeys(row.text for row in self._split("train")))

    @property
    def _indexer(self) -> Indexer:
        return Indexer(
            dim=self._learner.width,
            encode=self.vectors,
            normalized=self._codec.normalized if self.weight else None,
            approximate=isinstance(self._decoder, Approximate),
        )


def best_weight(points: Points, groups: Sequence[str]) -> float:
    """The weight of the sparse parts with the highest mean reciprocal rank; the smallest in case of ties."""
    found = [ranks(points.weighted(weight), groups) for weight in WEIGHTS]
    return WEIGHTS[int(np.argmax([(1 / rank).mean() if len(rank) else 0.0 for rank in found]))]
