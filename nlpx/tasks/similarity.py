"""Sentence similarity: vectors of sentences, near one another where they mean the same."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nlpx.data.batching import choose_boundaries
from nlpx.data.group_batches import GroupBatches
from nlpx.data.prepared import EncodedItems
from nlpx.data.rows import Question
from nlpx.data.sentence_index import SentenceIndex, open_index
from nlpx.decoding.nearest import Nearest
from nlpx.metrics.question_example import QuestionExample
from nlpx.registry import build
from nlpx.specs.similarity_losses import SimilarityLossSpec
from nlpx.specs.tasks.similarity import Similarity
from nlpx.tasks.base import Answer, Answerer, Vocabularies
from nlpx.tasks.features import FeatureTask
from nlpx.tasks.tagging import score_pieces
from nlpx.text.points import Points
from nlpx.text.tfidf import Tfidf, document_terms
from nlpx.text.vocabulary import UNKNOWN

if TYPE_CHECKING:
    from nlpx.models.encoder import SentenceProblem
    from nlpx.training.problem import Batches

GROUPS, TERMS = "group", "term"
"""Vocabularies of the groups of the training rows, and of the terms of the reference system."""


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
        return {"tf-idf": TfidfAnswerer(self, vocabularies)}

    def describe(self, example: QuestionExample) -> str:
        verdict = "same group" if example.right else "another group"
        found = f"{example.nearest} {example.score:.2f}"
        return f"{example.text} → {found}  ({verdict}; lead {example.lead:+.2f})"

    def badness(self, example: QuestionExample) -> float:
        return -example.lead


class RetrievalAnswerer(Answerer[Question, QuestionExample]):
    """What all answerers share that turn sentences into points."""

    def points(self, texts: Sequence[str]) -> Points:
        """The points of texts, in order; any text has one."""
        raise NotImplementedError

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
                        score=0.0 if alone else float(best[i]),
                        right=not alone and bool(same[i, nearest[i]]),
                        lead=lead if np.isfinite(lead) else 0.0,
                        group=(row.group,) if row.group else (),
                    )
                )
        return examples


class TfidfAnswerer(RetrievalAnswerer):
    """The reference: TF-IDF over characters and pairs of characters, as the training rows weigh them."""

    def __init__(self, task: SimilarityTask, vocabularies: Vocabularies) -> None:
        self._task = task
        self._tfidf = Tfidf(vocabularies[TERMS].tokens, vocabularies[TERMS].counts)

    def points(self, texts: Sequence[str]) -> Points:
        return Points.of_sparse(self._tfidf([self._task.normalized(text) for text in texts]))

    def answer(self, texts: Sequence[str]) -> list[Answer]:
        return [Answer("") for _ in texts]


class SimilarityAnswerer(RetrievalAnswerer):
    """A trained sentence encoder, and the sentences of its training rows once it is equipped with them."""

    def __init__(self, task: SimilarityTask, problem: SentenceProblem, vocabularies: Vocabularies) -> None:
        decoder = build(task.experiment.decode)
        if not isinstance(decoder, Nearest):
            raise TypeError(f"{task.experiment.decode.type} is not a decoder of neighbours")
        self._task = task
        self._problem = problem
        self._vocabularies = vocabularies
        self._decoder = decoder
        self._index: SentenceIndex | None = None

    def equip(
        self, rows: Callable[[], Iterable[Question]], folder: Path | None = None, weights: str = ""
    ) -> None:
        def texts() -> list[str]:
            return list(dict.fromkeys(row.text for row in rows()))

        if folder is None:
            found = texts()
            self._index = SentenceIndex(found, self.vectors(found))
        else:
            self._index = open_index(folder, weights, self._problem.model.width, texts, self.vectors)

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
        return Points.of_dense(self.vectors(texts))

    def answer(self, texts: Sequence[str]) -> list[Answer]:
        if not texts:
            return []
        if self._index is None:
            raise RuntimeError("equip the answerer with sentences first")
        answers: list[Answer] = []
        index = Points.of_dense(self._index.vectors)
        for rows, scores in self.points(texts).blocks(index):
            columns, best = self._decoder.decode(scores)
            for text, places, values in zip(texts[rows], columns, best, strict=True):
                answers.append(
                    self._answer(places, values) if text.strip() else Answer("", {"neighbours": []})
                )
        return answers

    def _answer(self, places: np.ndarray, scores: np.ndarray) -> Answer:
        assert self._index is not None
        texts = [self._index.texts[place] for place in places]
        found = list(zip(texts, scores.tolist(), strict=True))
        line = "  ".join(f"{text} {score:.3f}" for text, score in found)
        return Answer(line, {"neighbours": [{"text": text, "score": score} for text, score in found]})
