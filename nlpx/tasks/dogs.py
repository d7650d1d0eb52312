"""Breeds of dogs, or other classes of pictures: pixels -> two heads -> one class."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nlpx.data.features import frozen_features
from nlpx.data.picture_batches import Phase, PictureBatches
from nlpx.data.pictures import UnreadablePicture, pack, read_picture
from nlpx.data.prepared import EncodedItems
from nlpx.data.rows import Picture
from nlpx.errors import DataError, EnvironmentProblem, UsageError
from nlpx.specs.stages import first_epochs
from nlpx.specs.tasks.dogs import Dogs
from nlpx.tasks.base import Task, Vocabularies
from nlpx.tasks.examples import PictureExample
from nlpx.tasks.image_predictor import PicturePredictor

if TYPE_CHECKING:
    from nlpx.engine.problem import Batches
    from nlpx.models.classifier import ClassifierProblem

NONE, IMAGENET = "none", "imagenet"


class DogsTask(Task[Picture, "ClassifierProblem", PictureExample]):
    """Pictures in, classes out."""

    experiment: Dogs

    def __init__(self, experiment: Dogs) -> None:
        super().__init__(experiment)
        self.size = experiment.model.image_size
        self._latest: tuple[str, np.ndarray] | None = None
        self._features: np.ndarray | None = None
        self._stages_with_features: frozenset[int] = frozenset()

    @property
    def min_counts(self) -> Mapping[str, int]:
        return {"label": 1}

    @property
    def max_sizes(self) -> Mapping[str, int | None]:
        return {"label": None}

    def settings(self) -> str:
        return f"{type(self).__name__} 2 size={self.size}"

    def check(self, row: Picture) -> str | None:
        try:
            self.pixels(row)
        except UnreadablePicture as error:
            return str(error)
        return None

    def count(self, row: Picture) -> Mapping[str, Iterable[str]]:
        return {"label": [row.label]}

    def encode(self, row: Picture, vocabularies: Vocabularies) -> list[dict[str, np.ndarray]]:
        label = vocabularies["label"].ids([row.label]) - 1  # the unknown is no class
        return [{"label": label, "picture.pixels": pack(self.pixels(row))}]

    def keys(self, row: Picture) -> Iterable[str]:
        return (hashlib.sha256(self.pixels(row).tobytes()).hexdigest(),)

    def pixels(self, row: Picture) -> np.ndarray:
        """The picture of a row, (size, size, 3) uint8; raises UnreadablePicture."""
        if self._latest is None or self._latest[0] != row.where:
            # Checked, counted and encoded in turn, a row is read once.
            self._latest = row.where, self._read(row)
        return self._latest[1]

    def _read(self, row: Picture) -> np.ndarray:
        if row.pixels is None:
            return read_picture(Path(row.where), self.size)
        height, width = row.pixels.shape[:2]
        nearest = [((np.arange(self.size) + 0.5) * edge / self.size).astype(int) for edge in (height, width)]
        return row.pixels[np.ix_(*nearest)]

    def batches(self, items: EncodedItems) -> Batches:
        train = self.experiment.train
        return PictureBatches(
            items,
            self.size,
            train.batch_size,
            self.experiment.seed,
            order=train.order,
            phase=self._phase,
            updates_per_epoch=train.updates_per_epoch,
            accumulation=train.accumulation,
        )

    def _phase(self, epoch: int, updates_per_epoch: int) -> Phase:
        train = self.experiment.train
        if train.stages is None:
            return Phase(train.augment, self._features)
        number = bisect_right(first_epochs(train.stages, updates_per_epoch), epoch) - 1
        augment = train.stages[number].augment or train.augment
        return Phase(augment, self._features if number in self._stages_with_features else None)

    def inputs(self, path: Path) -> list[str] | None:
        if not path.is_dir():
            return [str(path)]
        found = sorted(file for file in path.rglob("*") if file.is_file() and not file.name.startswith("."))
        if not found:
            raise UsageError(f"{path}: no file is in this folder. Expected pictures.")
        return [str(file) for file in found]

    def problem(self, vocabularies: Vocabularies) -> ClassifierProblem:
        from nlpx.models.classifier import ClassifierProblem, build_classifier

        classes = len(vocabularies["label"]) - 1
        return ClassifierProblem(build_classifier(self.experiment.model, classes), self.experiment.loss)

    def initialise(self, problem: ClassifierProblem, items: EncodedItems, cache: Path) -> None:
        self._read_weights(problem)
        train, model = self.experiment.train, self.experiment.model
        backbone = model.backbone
        if train.stages is not None:
            untouched = takewhile(
                lambda stage: problem.keeps_backbone(stage[1].trainable_from, stage[1].frozen),
                enumerate(train.stages),
            )
            self._stages_with_features = frozenset(
                number for number, stage in untouched if (stage.augment or train.augment) == NONE
            )
        if self._stages_with_features or (train.stages is None and self.frozen and train.augment == NONE):
            self._features = frozen_features(
                items,
                self.size,
                train.evaluation_batch_size,
                problem.pooled,
                f"{problem.backbone_hash()} {backbone.type} {backbone.options()} {model.pooling}",
                cache,
            )

    @property
    def frozen(self) -> bool:
        """Whether the backbone never learns."""
        return not self.experiment.model.backbone.trainable

    def _read_weights(self, problem: ClassifierProblem) -> None:
        spec = self.experiment.model.backbone
        weights = getattr(spec, "weights", NONE)
        if weights == NONE:
            return
        backbone = problem.model.backbone
        if weights == IMAGENET:
            try:
                backbone.fetch_weights()
            except OSError as error:
                raise EnvironmentProblem(
                    f"model.backbone.weights: the weights of ImageNet cannot be downloaded: {error}. Give "
                    "the path of a file of weights that was downloaded elsewhere, or none."
                ) from None
            return
        path = Path(self.experiment.data.root or Path.cwd()) / weights
        if not path.is_file():
            raise DataError(
                f"model.backbone.weights: there is no file {path}. A path is relative to data.root; "
                "none starts from random weights."
            )
        try:
            backbone.read_weights(path)
        except (OSError, ValueError) as error:
            raise DataError(
                f"{path}: these are no weights of {getattr(spec, 'name', spec.type)}: "
                f"{str(error).rstrip('.')}. Expected an HDF5 file of Keras, without the classifier."
            ) from None

    def predictor(self, problem: ClassifierProblem, vocabularies: Vocabularies) -> PicturePredictor:
        return PicturePredictor(self.experiment, self.pixels, problem, vocabularies)

    def describe(self, example: PictureExample) -> str:
        found = f"{example.answer} {example.probability:.0%}"
        return f"{example.picture} → {found}  (reference {example.reference}, place {example.rank})"

    severity_is = "nll"

    def severity(self, example: PictureExample) -> float:
        return example.nll
