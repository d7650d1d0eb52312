"""Sentence similarity learned from groups of sentences that mean the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from nlpx.data.batching import choose_boundaries
from nlpx.data.group_batches import GroupBatches
from nlpx.data.prepared import EncodedItems
from nlpx.data.rows import Question
from nlpx.specs.similarity_losses import SimilarityLossSpec
from nlpx.tasks.base import Predictor, Vocabularies
from nlpx.tasks.examples import QuestionExample
from nlpx.tasks.retrieval import TfidfPredictor
from nlpx.tasks.sentence_predictor import SentencePredictor
from nlpx.tasks.sentences import SentenceTask
from nlpx.text.vocabulary import UNKNOWN

if TYPE_CHECKING:
    from nlpx.engine.problem import Batches
    from nlpx.models.encoder import SentenceProblem

GROUPS = "group"
"""Vocabulary of the groups of the training rows."""


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
        return {**self.tokens(self.normalized(row.text)), GROUPS: (row.group_id,)}

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

    def predictor(self, problem: SentenceProblem, vocabularies: Vocabularies) -> SentencePredictor:
        return SentencePredictor(self, problem, vocabularies)

    def references(self, vocabularies: Vocabularies) -> Mapping[str, Predictor[Question, QuestionExample]]:
        return {"tf-idf": TfidfPredictor(self.tfidf)}

    def describe(self, example: QuestionExample) -> str:
        verdict = "same group" if example.right else "another group"
        found = f"{example.nearest} {example.score:.2f}"
        return f"{example.text} → {found}  ({verdict}; lead {example.lead:+.2f})"

    severity_is = "lead of another group"

    def severity(self, example: QuestionExample) -> float:
        return -example.lead
