"""Order of training images, and cached features while the backbone is frozen."""

from __future__ import annotations

from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nlpx.data.features import frozen_features
from nlpx.data.image_batches import EpochOptions, ImageBatches
from nlpx.data.items import EncodedItems
from nlpx.specs.stages import stage_at
from nlpx.tasks.image_classification.config import ImageClassification

if TYPE_CHECKING:
    from nlpx.models.classifier import ClassifierLearner

NONE = "none"


def image_batches(
    experiment: ImageClassification, items: EncodedItems, learner: ClassifierLearner, cache: Path
) -> ImageBatches:
    """Batches of augmented images, or of features while backbone is frozen and nothing changes images."""
    train, model = experiment.train, experiment.model
    backbone = model.backbone
    with_features: frozenset[int] = frozenset()  # ids of stages, of which two may be equal
    changed = any("image" in trick.reads for trick in experiment.tricks)
    if train.stages is not None and not changed:
        untouched = takewhile(
            lambda stage: learner.keeps_backbone(stage.trainable_from, stage.frozen), train.stages
        )
        with_features = frozenset(
            id(stage) for stage in untouched if (stage.augment or train.augment) == NONE
        )
    features: np.ndarray | None = None
    whole_run = train.stages is None and not backbone.trainable and train.augment == NONE
    if with_features or (whole_run and not changed):
        features = frozen_features(
            items,
            train.evaluation_batch_size,
            learner.pooled,
            f"{learner.backbone_hash()} {backbone.type} {backbone.options()} {model.pooling}",
            cache,
        )

    def phase(epoch: int, updates_per_epoch: int) -> EpochOptions:
        if train.stages is None:
            return EpochOptions(train.augment, features)
        stage = stage_at(train.stages, updates_per_epoch, epoch)
        return EpochOptions(stage.augment or train.augment, features if id(stage) in with_features else None)

    return ImageBatches(
        items,
        train.batch_size,
        experiment.seed,
        order=train.order,
        phase=phase,
        updates_per_epoch=train.updates_per_epoch,
        accumulation=train.accumulation,
    )
