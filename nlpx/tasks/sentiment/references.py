"""Reference systems: the most frequent class, and logistic regression over TF-IDF."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import product
from pathlib import Path

import numpy as np

from nlpx.components.sources.labelled_texts import LabelledText
from nlpx.specs.predictor import Say, unheard
from nlpx.tasks.sentiment.config import Sentiment
from nlpx.tasks.sentiment.ngram_tfidf import NgramTfidf
from nlpx.tasks.sentiment.predictor import SMALLEST, ClassPredictor
from nlpx.text.logistic import LogisticRegression

LONGEST = (2, 3)
STRENGTHS = [2.0**power for power in range(-1, 10, 2)]
"""Maximum lengths of n-grams, and strengths of the regularization, of which the best are chosen."""


class FittedReference(ClassPredictor):
    """Base class of systems that are fitted to the training split when they are prepared."""

    _labels: Sequence[str] = ()

    @property
    def classes(self) -> Sequence[str]:
        return self._labels

    def prepare(
        self,
        rows: Callable[[str], Iterable[LabelledText]],
        folder: Path | None = None,
        weights: str = "",
        say: Say = unheard,
    ) -> None:
        train, valid = list(rows("train")), list(rows("valid"))
        self._labels = sorted({row.label for row in train})
        self.fit(train, valid)

    @abstractmethod
    def fit(self, train: Sequence[LabelledText], valid: Sequence[LabelledText]) -> None:
        """Fit the system to the training split; choices are made on the validation split."""


class MajorityPredictor(FittedReference):
    """The most frequent class; probabilities are the proportions of the classes in the training split."""

    def fit(self, train: Sequence[LabelledText], valid: Sequence[LabelledText]) -> None:
        counts = Counter(row.label for row in train)
        self._shares = np.array([counts[label] / len(train) for label in self.classes])

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        return np.tile(self._shares, (len(texts), 1))


class LogisticPredictor(FittedReference):
    """Logistic regression over TF-IDF of character n-grams of whole texts.

    The length of n-grams and the strength are those with the most correct predictions on the validation
    split, of several those with the lowest negative log-likelihood. The threshold is chosen there, too.

    Args:
        experiment: determines the decoder.
        normalize: normalizes a text.
    """

    longest = 0
    strength = 0.0

    def __init__(self, experiment: Sentiment, normalize: Callable[[str], str]) -> None:
        super().__init__(experiment)
        self._normalize = normalize

    def fit(self, train: Sequence[LabelledText], valid: Sequence[LabelledText]) -> None:
        texts, others = ([self._normalize(row.text) for row in rows] for rows in (train, valid))
        ids = {label: index for index, label in enumerate(self.classes)}
        labels, expected = (np.array([ids.get(row.label, -1) for row in rows]) for rows in (train, valid))
        known = np.flatnonzero(expected >= 0)
        model, best = None, (-1, 0.0)
        for longest, strength in product(LONGEST, STRENGTHS):
            if strength == STRENGTHS[0]:
                tfidf, model = NgramTfidf(texts, longest), None
                vectors, other_vectors = tfidf(texts), tfidf(others)
            model = LogisticRegression.fit(vectors, labels, len(ids), strength, model)
            found = model(other_vectors)
            right = int((found.argmax(1) == expected).sum())
            score = right, float(np.log(np.maximum(found[known, expected[known]], SMALLEST)).sum())
            if score > best:
                best, self._tfidf, self._model = score, tfidf, model
                self.longest, self.strength = longest, strength
        self.use(self.calibrate(valid))

    @property
    def signature(self) -> str:
        return (
            f"n-grams of at most {self.longest} characters, 1 + log tf, L2 with C = {self.strength:g}, "
            "chosen on the validation split"
        )

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        return self._model(self._tfidf([self._normalize(text) for text in texts]))
