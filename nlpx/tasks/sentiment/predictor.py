"""Predictors of the task sentiment."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from nlpx.components.decoders.threshold import Threshold
from nlpx.components.sources.labelled_texts import LabelledText
from nlpx.components.values import UNRANKED
from nlpx.data.batching import padded_batches
from nlpx.data.codec import Vocabularies
from nlpx.data.pieces import score_pieces
from nlpx.specs.predictor import AttentionMap, Prediction, Predictor
from nlpx.tasks.sentiment.codec import LABEL, SentimentCodec, classes
from nlpx.tasks.sentiment.config import Sentiment
from nlpx.tasks.sentiment.example import SentimentExample

if TYPE_CHECKING:
    from nlpx.models.text_classifier import TextClassifierLearner

SMALLEST = 1e-38
"""Lower bound of probabilities, which keeps the negative log-likelihood finite."""
MIDDLE = 0.5


class ClassPredictor(Predictor[LabelledText, SentimentExample]):
    """Probabilities of classes with the decision threshold of the config.

    Args:
        experiment: determines the decoder.
    """

    def __init__(self, experiment: Sentiment) -> None:
        self._decoder = decoder = Threshold.of(experiment.decode)
        self._threshold = MIDDLE if decoder.threshold is None else decoder.threshold

    @property
    @abstractmethod
    def classes(self) -> Sequence[str]:
        """The classes, in the order of the probabilities."""

    @abstractmethod
    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """The probability of every class, (n, U), for any texts."""

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        filled = [text for text in texts if text.strip()]
        found = iter(self._named(self.probabilities(filled)) if filled else ())
        return [
            next(found) if text.strip() else Prediction("", {"class": None, "classes": []}) for text in texts
        ]

    def examples(self, rows: Sequence[LabelledText], known: Container[str]) -> list[SentimentExample]:
        probabilities = self.probabilities([row.text for row in rows])
        predicted = self._decoder.classes(probabilities, self._threshold)
        return [
            self._example(row, shares, self.classes[place])
            for row, shares, place in zip(rows, probabilities, predicted, strict=True)
        ]

    def calibrate(self, rows: Iterable[LabelledText]) -> Mapping[str, float]:
        if self._decoder.threshold is not None or len(self.classes) != 2:
            return {}
        records = [row for row in rows if row.label in self.classes]
        if not records:
            return {}
        labels = np.array([self.classes.index(row.label) for row in records])
        found = self._decoder.choose(self.probabilities([row.text for row in records]), labels)
        return {"threshold": found}

    def use(self, chosen: Mapping[str, float]) -> None:
        if chosen.keys() - {"threshold"}:
            raise ValueError("expected only threshold")
        threshold = chosen.get("threshold", self._threshold)
        if not 0 < threshold < 1:
            raise ValueError(f"threshold is {threshold:g}, expected a number between 0 and 1")
        if self._decoder.threshold is None:
            self._threshold = threshold

    def _named(self, probabilities: np.ndarray) -> Iterable[Prediction]:
        for shares, place in zip(
            probabilities, self._decoder.classes(probabilities, self._threshold), strict=True
        ):
            # The predicted class comes first, whatever the threshold.
            order = sorted(range(len(shares)), key=lambda i: (i != place, -shares[i]))[: self._decoder.top]
            named = [(self.classes[i], float(shares[i])) for i in order]
            text = "  ".join(f"{label} {share:.1%}" for label, share in named)
            fields = {
                "class": self.classes[place],
                "classes": [{"class": label, "probability": share} for label, share in named],
            }
            yield Prediction(text, fields)

    def _example(self, row: LabelledText, shares: np.ndarray, predicted: str) -> SentimentExample:
        own = float(shares[self.classes.index(row.label)]) if row.label in self.classes else 0.0
        known = row.label in self.classes
        return SentimentExample(
            text=row.text,
            reference=row.label,
            prediction=predicted,
            probabilities={label: float(share) for label, share in zip(self.classes, shares, strict=True)},
            nll=-math.log(max(own, SMALLEST)),
            rank=int((shares >= own).sum()) if known else UNRANKED,
            group=(row.group,) if row.group else (),
        )


class SentimentPredictor(ClassPredictor):
    """A trained classifier of texts."""

    def __init__(
        self,
        experiment: Sentiment,
        codec: SentimentCodec,
        learner: TextClassifierLearner,
        vocabularies: Vocabularies,
    ) -> None:
        super().__init__(experiment)
        self._codec = codec
        self._batch_size = experiment.train.evaluation_batch_size
        self._learner = learner
        self._vocabularies = vocabularies
        self._classes = classes(vocabularies)

    @property
    def classes(self) -> Sequence[str]:
        return self._classes

    def attention(self, pairs: Sequence[tuple[str, str]]) -> list[AttentionMap]:
        if not self._learner.attends:
            return []
        texts = [self._codec.normalized(text) for text, _ in pairs]
        items = [self._codec.features(text, self._vocabularies) for text in texts]
        fields = {name: field for name, field in self._codec.fields.items() if name != LABEL}
        found: list[AttentionMap] = [AttentionMap((), (), np.zeros((0, 0), np.float32))] * len(pairs)
        for indices, batch in padded_batches(items, fields, self._batch_size):
            for index, weights in zip(indices, self._learner.attention(batch), strict=True):
                found[index] = AttentionMap([*texts[index]], (), weights[None, : len(texts[index])])
        return found

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        features = [self._codec.features_of(text, self._vocabularies) for text in texts]
        found = np.zeros((len(texts), len(self._classes)))
        for batch in score_pieces(
            features, self._learner.probabilities, self._batch_size, len(self._classes)
        ):
            found[batch.rows] = batch.scores
        return found
