"""Predictor of the task image_classification."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from nlpx.components.decoders.blend import Blend
from nlpx.components.values import UNRANKED
from nlpx.data.codec import Vocabularies
from nlpx.data.images import ImageSource, UnreadableImage, read_image
from nlpx.data.records import LabelledImage
from nlpx.specs.predictor import Prediction, Predictor
from nlpx.tasks.image_classification.config import ImageClassification
from nlpx.tasks.image_classification.example import PictureExample

if TYPE_CHECKING:
    from nlpx.exported.image_classifier import ExportedImageClassifier
    from nlpx.models.classifier import ClassifierLearner

REMEMBERED = 1 << 14
"""Number of images whose features are cached if the backbone is frozen; 2048 numbers each are 128 MiB."""
SMALLEST = 1e-38
"""Lower bound of probabilities, which keeps the negative log-likelihood finite."""


class ImagePredictor(Predictor[LabelledImage, PictureExample]):
    """A trained classifier with a decoder that combines its heads."""

    def __init__(
        self,
        experiment: ImageClassification,
        pixels: Callable[[LabelledImage], np.ndarray],
        learner: ClassifierLearner | ExportedImageClassifier,
        vocabularies: Vocabularies,
    ) -> None:
        self._size: int = experiment.model.image_size
        self._batch_size: int = experiment.train.evaluation_batch_size
        self._frozen = not experiment.model.backbone.trainable
        self._pixels = pixels
        self._learner = learner
        self._decoder = Blend.of(experiment.decode)
        self._alpha = 1.0 if self._decoder.alpha is None else self._decoder.alpha
        self._labels = vocabularies["label"].tokens[1:]
        self._ids = {label: index for index, label in enumerate(self._labels)}
        self._remembered: dict[bytes, np.ndarray] = {}

    def predict(self, texts: Sequence[ImageSource]) -> list[Prediction]:
        answers: list[Prediction | None] = [None] * len(texts)
        pictures: list[tuple[int, np.ndarray]] = []
        for index, text in enumerate(texts):
            try:
                pictures.append((index, read_image(text, self._size)))
            except UnreadableImage as error:
                reason = f"{text}: {error}"
                answers[index] = Prediction(reason, {"error": reason, "classes": []}, failed=True)
            if len(pictures) == self._batch_size or index == len(texts) - 1:
                for done, answer in self._named(pictures):
                    answers[done] = answer
                pictures = []
        return [answer for answer in answers if answer is not None]

    def examples(self, rows: Sequence[LabelledImage], known: Container[str]) -> list[PictureExample]:
        return [
            self._example(row, main, aux)
            for chunk in self._chunks(rows)
            for row, main, aux in zip(chunk, *self._heads([self._pixels(row) for row in chunk]), strict=True)
        ]

    def calibrate(self, rows: Iterable[LabelledImage]) -> Mapping[str, float]:
        if self._decoder.alpha is not None:
            return {}
        found = [
            (
                *self._heads([self._pixels(row) for row in chunk]),
                [self._ids.get(row.label, -1) for row in chunk],
            )
            for chunk in self._chunks(list(rows))
        ]
        main, aux, labels = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return {"alpha": self._decoder.choose(main, aux, labels)}

    def use(self, chosen: Mapping[str, float]) -> None:
        if chosen.keys() - {"alpha"}:
            raise ValueError("expected only alpha")
        alpha = chosen.get("alpha", self._alpha)
        if not 0 <= alpha <= 1:
            raise ValueError(f"alpha is {alpha:g}, expected 0 to 1")
        if self._decoder.alpha is None:
            self._alpha = alpha

    def _chunks(self, rows: Sequence[LabelledImage]) -> Iterator[Sequence[LabelledImage]]:
        return (rows[i : i + self._batch_size] for i in range(0, len(rows), self._batch_size))

    def _named(self, pictures: Sequence[tuple[int, np.ndarray]]) -> Iterator[tuple[int, Prediction]]:
        """Predictions for images, with their indexes."""
        if not pictures:
            return
        heads = self._heads([pixels for _, pixels in pictures])
        probabilities = self._decoder.probabilities(*heads, self._alpha)
        for (index, _), row in zip(pictures, probabilities, strict=True):
            best = np.argsort(-row, kind="stable")[: self._decoder.top]
            named = [(self._labels[i], float(row[i])) for i in best]
            text = "  ".join(f"{label} {share:.1%}" for label, share in named)
            fields = {"classes": [{"class": label, "probability": share} for label, share in named]}
            yield index, Prediction(text, fields)

    def _heads(self, pictures: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Log-probabilities of both heads, (n, U) each, for at most one batch of images."""
        pooled = self._known_features(pictures) if self._frozen else self._pooled(pictures)
        return self._learner.log_probabilities(pooled, self._batch_size)

    def _pooled(self, pictures: Sequence[np.ndarray]) -> np.ndarray:
        return self._learner.pooled(np.stack(pictures), self._batch_size)

    def _known_features(self, pictures: Sequence[np.ndarray]) -> np.ndarray:
        """The features of a frozen backbone; features of previous images are cached."""
        digests = [hashlib.sha256(pixels.tobytes()).digest() for pixels in pictures]
        new = [i for i, digest in enumerate(digests) if digest not in self._remembered]
        fresh: dict[bytes, np.ndarray] = {}
        if new:
            pooled = self._pooled([pictures[i] for i in new])
            fresh = {digests[i]: row for i, row in zip(new, pooled, strict=True)}
        found = np.stack([fresh[d] if d in fresh else self._remembered[d] for d in digests])
        if len(self._remembered) + len(fresh) <= REMEMBERED:
            self._remembered |= fresh
        return found

    def _example(self, row: LabelledImage, main: np.ndarray, aux: np.ndarray) -> PictureExample:
        probabilities = self._decoder.probabilities(main, aux, self._alpha)
        best = int(probabilities.argmax())
        own = self._ids.get(row.label)  # None if all training images of the class were bad
        share = 0.0 if own is None else float(probabilities[own])
        return PictureExample(
            picture=row.where,
            reference=row.label,
            answer=self._labels[best],
            main=self._labels[int(main.argmax())],
            aux=self._labels[int(aux.argmax())],
            probability=float(probabilities[best]),
            rank=UNRANKED if own is None else int((probabilities >= share).sum()),
            nll=-math.log(max(share, SMALLEST)),
            alpha=self._alpha,
            group=(row.group,) if row.group else (),
        )
