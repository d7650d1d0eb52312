"""The config of the task dogs."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from nlpx.components.metrics.base import Metric
from nlpx.components.metrics.class_accuracy import ClassAccuracy
from nlpx.components.metrics.confusion import Confusion
from nlpx.components.metrics.nll import NLL
from nlpx.core.component import Section
from nlpx.core.options import PositiveInt, Rate
from nlpx.specs.backbones import Backbone, SmallConv
from nlpx.specs.decoders import Decoder
from nlpx.specs.experiment import Experiment
from nlpx.specs.losses import Loss
from nlpx.specs.pictures import Blend, CentredCrossEntropy
from nlpx.specs.sections import (
    CheckpointSection,
    DataSection,
    Monitor,
    Normalization,
    TrainSection,
    VocabularySection,
)
from nlpx.specs.sources import RowType
from nlpx.specs.stages import Stage


class NoNormalization(Normalization):
    """Pictures have no characters to map."""

    width: Literal["keep"] = "keep"
    case: Literal["keep"] = "keep"
    digits: Literal["keep"] = "keep"


class DogsData(DataSection):
    """Rows of pictures with their classes; each is one item, so `max_length` is 1."""

    normalize: NoNormalization = NoNormalization()
    max_length: Literal[1] = 1


class DogsVocabulary(VocabularySection):
    """Every class of the training pictures has an id."""

    min_count: Literal[1] = 1
    max_size: None = None


class ClassifierSection(Section):
    """A classifier of pictures: backbone -> pooling -> gated feature -> main head; pooled -> auxiliary head.

    Options:
        image_size: edge of a picture in pixels; the square in its middle is resized to that.
        backbone: what turns a picture into a map of features.
        pooling: mean or max over the map.
        normalize: batch normalization of the pooled features.
        features: width of the gated feature.
        dropout: share of the pooled features that training drops.
    """

    image_size: Annotated[int, Field(ge=8, le=1024)] = 48
    backbone: Backbone = SmallConv()
    pooling: Literal["mean", "max"] = "mean"
    normalize: bool = False
    features: PositiveInt = 64
    dropout: Rate = 0.0

    @model_validator(mode="after")
    def _large_enough(self) -> ClassifierSection:
        if self.image_size < self.backbone.smallest:
            raise PydanticCustomError(
                "image_size",
                "the backbone {backbone} needs pictures of at least {smallest} pixels, image_size is {size}",
                {
                    "backbone": self.backbone.type,
                    "smallest": self.backbone.smallest,
                    "size": self.image_size,
                },
            )
        return self


class DogsStage(Stage):
    """A stage of a training, with the changes of its pictures.

    Options:
        epochs: passes over the training rows.
        steps: optimizer updates; a stage says either this or `epochs`.
        trainable_from: only the first part of the model whose name contains this, and what follows it, is
            trained; `gated` leaves the whole backbone as it is.
        frozen: parts of the model whose names contain one of these are not trained.
        optimizer: how gradients change weights; empty takes the optimizer of the experiment.
        augment: how pictures are changed; empty takes `train.augment`.
    """

    augment: Literal["none", "light", "full"] | None = None


class DogsTrain(TrainSection):
    """How long, in which batches and with which changed pictures the model is trained.

    Options:
        order: pairs puts two pictures of every class into a batch that it has any of; shuffled shows every
            picture once an epoch.
        augment: none; light zooms and flips; full also rotates, blackens a quarter, splices two of a class.
        stages: trainings that follow one another; while none of them has trained the backbone, those without
            changes of pictures take its features from the cache.
        updates_per_epoch: length of an epoch; empty takes as many as show the number of training pictures.
        buckets: always empty, all pictures are of one size.
    """

    batch_size: PositiveInt = 32
    order: Literal["pairs", "shuffled"] = "pairs"
    augment: Literal["none", "light", "full"] = "full"
    stages: Annotated[list[DogsStage], Field(min_length=1)] | None = None  # type: ignore[assignment]  # of narrower items
    updates_per_epoch: PositiveInt | None = None
    buckets: None = None
    evaluation_batch_size: PositiveInt = 64

    @model_validator(mode="after")
    def _pooling_is_deterministic(self) -> DogsTrain:
        if self.xla and self.deterministic:
            raise PydanticCustomError(
                "xla_pooling",
                "under xla, the gradient of max pooling is not deterministic; set deterministic: false, "
                "or xla: false",
            )
        return self


class DogsCheckpoint(CheckpointSection):
    """The best checkpoint is the one with the highest accuracy of the main head."""

    monitor: Monitor = "valid/main_accuracy"


class Dogs(Experiment):
    """Name the breed of a dog, or whatever the folders of a collection of pictures are called.

    f0 = pool(backbone(x)),  f = W f0 * sigmoid(V f0),  p_main = softmax(M f),  p_aux = softmax(A f0)

    Options:
        name: name of the run.
        seed: of weights, dropout, batches and changes of pictures.
        data: rows of pictures and classes.
        vocabulary: the classes.
        model: backbone, pooling, features.
        loss: what training makes small.
        optimizer: how gradients change weights.
        tricks: additions to training, in the order written.
        train: how long, in which batches, with which changes of pictures.
        checkpoint: which states are kept.
        decode: how the two heads become one answer.
        metrics: what evaluation reports.
        samples: files of pictures that are answered after every evaluation.
        observers: what else watches the run.
    Shapes: pictures (B, S, S, 3) uint8 -> logits (B, classes), twice.
    Data: one folder per class, or a list of files; the extra `images` reads them.
    Relations: the auxiliary head and the centres regularize; the main head answers.
    Reference: kexue.fm archive 4611.
    Example:
        task: dogs
        train: {epochs: 5, batch_size: 32}
    """

    implementation: ClassVar[str] = "nlpx.tasks.dogs:DogsTask"
    row: ClassVar[RowType] = "picture"
    gives: ClassVar[frozenset[str]] = frozenset(
        {
            "logits",
            "auxiliary_logits",
            "feature",
            "target",
            "nll",
            "characters",
            "reference_class",
            "predicted_class",
            "reference_rank",
            "head_classes",
        }
    )

    type: Literal["dogs"] = Field("dogs", alias="task")
    data: DogsData = DogsData()
    vocabulary: DogsVocabulary = DogsVocabulary()
    model: ClassifierSection = ClassifierSection()
    loss: Loss = CentredCrossEntropy()
    train: DogsTrain = DogsTrain()
    checkpoint: DogsCheckpoint = DogsCheckpoint()
    decode: Decoder = Blend()
    metrics: list[Metric] = [ClassAccuracy(), NLL(), Confusion()]
