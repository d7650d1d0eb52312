"""The config of the task image_classification."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from nlpx.components.decoders.base import Decoder
from nlpx.components.decoders.blend import Blend
from nlpx.components.losses.base import Loss
from nlpx.components.losses.centred_cross_entropy import CentredCrossEntropy
from nlpx.components.metrics.base import Metric
from nlpx.components.metrics.class_accuracy import ClassAccuracy
from nlpx.components.metrics.confusion import Confusion
from nlpx.components.metrics.nll import NLL
from nlpx.core.options import PositiveInt
from nlpx.specs.classifier import ClassifierSection
from nlpx.specs.experiment import Experiment
from nlpx.specs.sections import (
    CheckpointSection,
    DataSection,
    Monitor,
    Normalization,
    TrainSection,
    VocabularySection,
)
from nlpx.specs.stages import Stage

if TYPE_CHECKING:
    from nlpx.data.codec import Vocabularies
    from nlpx.data.items import EncodedItems
    from nlpx.engine.learner import Batches
    from nlpx.tasks.image_classification.codec import ImageCodec
    from nlpx.tasks.image_classification.predictor import ImagePredictor


class NoNormalization(Normalization):
    """Images have no characters to map."""

    width: Literal["keep"] = "keep"
    case: Literal["keep"] = "keep"
    digits: Literal["keep"] = "keep"


class ImageData(DataSection):
    """Images with their classes.

    Options:
        normalize: images have no characters to map.
        max_length: always 1; an image is one item.
    """

    normalize: NoNormalization = NoNormalization()
    max_length: Literal[1] = 1


class ImageVocabulary(VocabularySection):
    """Every class of the training pictures has an id."""

    min_count: Literal[1] = 1
    max_size: None = None


class ImageStage(Stage):
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


class ImageTrain(TrainSection):
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
    stages: Annotated[list[ImageStage], Field(min_length=1)] | None = None  # type: ignore[assignment]  # of narrower items
    updates_per_epoch: PositiveInt | None = None
    buckets: None = None
    evaluation_batch_size: PositiveInt = 64

    @model_validator(mode="after")
    def _pooling_is_deterministic(self) -> ImageTrain:
        if self.xla and self.deterministic:
            raise PydanticCustomError(
                "xla_pooling",
                "under xla, the gradient of max pooling is not deterministic; set deterministic: false, "
                "or xla: false",
            )
        return self


class ImageCheckpoint(CheckpointSection):
    """The best checkpoint is the one with the highest accuracy of the main head."""

    monitor: Monitor = "valid/main_accuracy"


class ImageClassification(Experiment):
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
        task: image_classification
        train: {epochs: 5, batch_size: 32}
    """

    aliases: ClassVar[tuple[str, ...]] = ("dogs",)
    row: ClassVar[str] = "image"
    sample: ClassVar[str] = "dogs"
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

    type: Literal["image_classification"] = Field("image_classification", alias="task")
    data: ImageData = ImageData()
    vocabulary: ImageVocabulary = ImageVocabulary()
    model: ClassifierSection = ClassifierSection()
    loss: Loss = CentredCrossEntropy()
    train: ImageTrain = ImageTrain()
    checkpoint: ImageCheckpoint = ImageCheckpoint()
    decode: Decoder = Blend()
    metrics: list[Metric] = [ClassAccuracy(), NLL(), Confusion()]

    def codec(self) -> ImageCodec:
        from nlpx.tasks.image_classification.codec import ImageCodec

        return ImageCodec(self.model.image_size)

    def learner(self, codec: Any, vocabularies: Vocabularies) -> Any:
        from nlpx.tasks.image_classification.learner import image_learner

        return image_learner(self, vocabularies)

    def predictor(self, codec: ImageCodec, learner: Any, vocabularies: Vocabularies) -> ImagePredictor:
        from nlpx.tasks.image_classification.predictor import ImagePredictor

        return ImagePredictor(self, codec.pixels, learner, vocabularies)

    def initialize(self, learner: Any, cache: Path) -> None:
        from nlpx.tasks.image_classification.learner import read_backbone

        read_backbone(self, learner)

    def batches(self, items: EncodedItems, learner: Any, cache: Path) -> Batches:
        from nlpx.tasks.image_classification.order import image_batches

        return image_batches(self, items, learner, cache)
