"""Predictors of the task digits."""

from __future__ import annotations

from abc import abstractmethod
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nlpx.components.metrics.example import Pair
from nlpx.components.values import UNRANKED
from nlpx.data.codec import Vocabularies
from nlpx.data.images import ImageSource, UnreadableImage
from nlpx.data.records import LabelledImage
from nlpx.specs.predictor import Prediction, Predictor
from nlpx.tasks.digits.codec import GreyCodec
from nlpx.tasks.digits.config import Digits
from nlpx.tasks.digits.example import DigitExample
from nlpx.tasks.digits.pairs import Pairs

if TYPE_CHECKING:
    from nlpx.exported.image_classifier import ExportedImageScorer
    from nlpx.tasks.digits.learner import DigitLearner

SURE = 0.5
"""A prediction names all classes with a higher score."""
Scored = Mapping[str, float]


class ScorePredictor(Predictor[LabelledImage, DigitExample]):
    """Base class of what scores the classes of images.

    Args:
        experiment: determines the pairs, and whether they are evaluated.
        codec: reads images.
    """

    def __init__(self, experiment: Digits, codec: GreyCodec) -> None:
        self._codec = codec
        self._whole = not experiment.model.network.fixed_size
        evaluated = any("pair" in metric.needs for metric in experiment.metrics)
        self._pairs = Pairs(experiment.seed, codec.pixels) if evaluated else None

    @property
    @abstractmethod
    def classes(self) -> Sequence[str]:
        """The classes, in the order of the scores."""

    @abstractmethod
    def scores(self, images: np.ndarray) -> np.ndarray:
        """Images (N, H, S, 1) uint8 -> the score of every class, from 0 to 1, (N, U)."""

    def survey(self, rows: Iterable[LabelledImage]) -> None:
        if self._pairs is not None:
            self._pairs.survey(rows)

    def predict(self, texts: Sequence[ImageSource]) -> list[Prediction]:
        answers: dict[int, Prediction] = {}
        images: defaultdict[int, list[tuple[int, np.ndarray]]] = defaultdict(list)  # by height
        for index, text in enumerate(texts):
            try:
                image = self._codec.read(text, self._whole)
                images[len(image)].append((index, image))
            except UnreadableImage as error:
                reason = f"{text}: {error}"
                answers[index] = Prediction(reason, {"error": reason, "classes": []}, failed=True)
        for same in images.values():
            found = self._scored([image for _, image in same])
            answers |= {index: _named(scores) for (index, _), scores in zip(same, found, strict=True)}
        return [answers[index] for index in range(len(texts))]

    def examples(self, rows: Sequence[LabelledImage], known: Container[str]) -> list[DigitExample]:
        found = self._scored([self._codec.pixels(row) for row in rows])
        return [
            self._example(row, scores, pair)
            for row, scores, pair in zip(rows, found, self._found_pairs(rows), strict=True)
        ]

    def _scored(self, images: Sequence[np.ndarray]) -> list[Scored]:
        """The scores of images of one size, by class."""
        if not images:
            return []
        return [dict(zip(self.classes, row, strict=True)) for row in self.scores(np.stack(images)).tolist()]

    def _found_pairs(self, rows: Sequence[LabelledImage]) -> list[Pair | None]:
        made = [None if self._pairs is None else self._pairs.pair(row) for row in rows]
        found = iter(self._scored([image for image, _ in filter(None, made)]))
        return [None if pair is None else Pair(pair[1], next(found)) for pair in made]

    def _example(self, row: LabelledImage, scores: Scored, pair: Pair | None) -> DigitExample:
        own = scores.get(row.label)  # None if all training images of the class were bad
        return DigitExample(
            image=row.where,
            reference=row.label,
            prediction=max(scores, key=scores.__getitem__),
            scores=scores,
            rank=UNRANKED if own is None else sum(score >= own for score in scores.values()),
            pair=pair,
            group=(row.group,) if row.group else (),
        )


class DigitPredictor(ScorePredictor):
    """A trained network."""

    def __init__(
        self,
        experiment: Digits,
        codec: GreyCodec,
        learner: DigitLearner | ExportedImageScorer,
        vocabularies: Vocabularies,
    ) -> None:
        super().__init__(experiment, codec)
        self._batch_size: int = experiment.train.evaluation_batch_size
        self._learner = learner
        self._classes = vocabularies["label"].tokens[1:]

    @property
    def classes(self) -> Sequence[str]:
        return self._classes

    def scores(self, images: np.ndarray) -> np.ndarray:
        parts = (images[i : i + self._batch_size] for i in range(0, len(images), self._batch_size))
        return np.concatenate([self._learner.scores(part, self._batch_size) for part in parts])

    def compute(self, text: str) -> None:
        """Without the images that fill a batch."""
        try:
            self._learner.scores(self._codec.read(Path(text), self._whole)[None])
        except UnreadableImage:
            return


def _named(scores: Scored) -> Prediction:
    """The classes with a high score, or the one with the highest, from high to low."""
    order = sorted(scores, key=lambda name: -scores[name])
    shown = [name for name in order if scores[name] > SURE] or order[:1]
    text = "  ".join(f"{name} {scores[name]:.1%}" for name in shown)
    return Prediction(text, {"classes": [{"class": name, "score": scores[name]} for name in order]})
