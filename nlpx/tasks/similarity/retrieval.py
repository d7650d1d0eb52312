"""Base class of predictors that search by sentence vectors, and the TF-IDF reference."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Container, Iterable, Sequence

import numpy as np

from nlpx.data.records import Question
from nlpx.specs.predictor import Prediction, Predictor
from nlpx.tasks.similarity.example import QuestionExample
from nlpx.text.points import Points, cosines
from nlpx.text.tfidf import Tfidf


class RetrievalPredictor(Predictor[Question, QuestionExample]):
    """Base class of predictors that use sentence vectors."""

    @abstractmethod
    def points(self, texts: Sequence[str]) -> Points:
        """The vectors of texts, in order, given the rows seen by `survey`."""

    def examples(self, rows: Sequence[Question], known: Container[str]) -> list[QuestionExample]:
        points = self.points([row.text for row in rows])
        groups = np.unique([row.group_id for row in rows], return_inverse=True)[1]
        examples: list[QuestionExample] = []
        for block, scores in points.blocks(points):
            inside = np.arange(len(scores))
            scores[inside, block.start + inside] = -np.inf
            same = groups[block, None] == groups
            nearest = scores.argmax(1)
            best, own, other = (
                np.where(mask, scores, -np.inf).max(1) for mask in (True, same, np.logical_not(same))
            )
            for i, place in enumerate(range(block.start, block.stop)):
                row, lead = rows[place], float(own[i]) - float(other[i])
                alone = not np.isfinite(best[i])
                examples.append(
                    QuestionExample(
                        text=row.text,
                        group_id=row.group_id,
                        point=points[place : place + 1],
                        nearest="" if alone else rows[nearest[i]].text,
                        score=0.0 if alone else float(cosines(best[i])),
                        right=not alone and bool(same[i, nearest[i]]),
                        lead=lead if np.isfinite(lead) else 0.0,
                        group=(row.group,) if row.group else (),
                    )
                )
        return examples


class TfidfPredictor(RetrievalPredictor):
    """The reference: TF-IDF over characters and bigrams, fitted to the searched rows."""

    def __init__(self, fit: Callable[[Iterable[str]], Tfidf]) -> None:
        self._fit = fit
        self._tfidf: Tfidf | None = None

    def survey(self, rows: Iterable[Question]) -> None:
        self._tfidf = self._fit(row.text for row in rows)

    @property
    def signature(self) -> str:
        return "" if self._tfidf is None else self._tfidf.signature

    def points(self, texts: Sequence[str]) -> Points:
        if self._tfidf is None:
            raise RuntimeError("survey the rows first")
        return Points.of_sparse(self._tfidf(texts))

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """Empty predictions, because there are no sentences to search."""
        return [Prediction("", {"neighbours": []}) for _ in texts]
