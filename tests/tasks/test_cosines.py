"""Cosines as users see them: rounding takes none beyond 1."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from nlpx.data.records import Question, ScoredPair
from nlpx.specs.predictor import Prediction
from nlpx.tasks.similarity.pair_predictor import PairScorer
from nlpx.tasks.similarity.predictor import SentencePredictor
from nlpx.tasks.similarity.retrieval import RetrievalPredictor
from nlpx.text.points import Points


def rounded_up(count: int) -> np.ndarray:
    """Unit vectors whose products with themselves are more than 1 in 32 bits."""
    vectors = np.random.default_rng(0).normal(size=(count * 20, 24)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    over = (np.einsum("nd,nd->n", vectors, vectors) > 1) & (np.array([v @ v for v in vectors]) > 1)
    assert over.sum() >= count
    return vectors[over][:count]


VECTORS = rounded_up(8)


class Twins(RetrievalPredictor):
    """Every sentence has the vector of its number; the same for every group."""

    def points(self, texts: Sequence[str]) -> Points:
        return Points.of_dense(VECTORS[[int(text) for text in texts]])

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        return []


def test_the_vectors_are_what_they_should_be() -> None:
    assert (Points.of_dense(VECTORS).scores_in_pairs(Points.of_dense(VECTORS)) > 1).all()


def test_pairs() -> None:
    rows = [ScoredPair("here", str(i), str(i), 1.0) for i in range(8)]
    assert [example.answer for example in PairScorer(Twins()).examples(rows, ())] == [1.0] * 8


def test_the_nearest_of_an_evaluation() -> None:
    rows = [Question("here", str(i % 2), str(i // 2)) for i in range(16)]
    raw = Points.of_dense(VECTORS).scores(Points.of_dense(VECTORS)).diagonal()
    assert raw.max() > 1
    scores = [example.score for example in Twins().examples(rows, ())]
    assert scores[::2] == np.minimum(raw, 1).tolist()


def test_neighbours_of_a_text() -> None:
    index = SimpleNamespace(texts=["甲"], vectors=VECTORS[:1])
    answer = SentencePredictor._answer(
        cast(Any, SimpleNamespace(index=index)), VECTORS[0], np.array([0]), VECTORS[:1] @ VECTORS[0]
    )
    assert answer.fields == {"neighbours": [{"text": "甲", "score": 1.0, "cosine": 1.0}]}
