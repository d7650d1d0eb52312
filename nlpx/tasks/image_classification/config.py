"""The config of the task image_classification."""

from __future__ import annotations

from collections.abc import Sequence
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
    """Images have no characters to normalize."""

    width: Literal["keep"] = "keep"
    case: Literal["keep"] = "keep"
    digits: Literal["keep"] = "keep"


class ImageData(DataSection):
    """Images with their classes.

    Options:
        normalize: not used for images.
        max_length: always 1.
    """

    normalize: NoNormalization = NoNormalization()
    max_length: Literal[1] = 1


class ImageVocabulary(VocabularySection):
    """Every class of the training images has an id."""

    min_count: Literal[1] = 1
    max_size: None = None


class ImageStage(Stage):
    """A stage of training with its augmentation.

    Options:
        trainable_from: train only the first part of the model whose name contains this and the parts after
            it; `gated` freezes the whole backbone.
        augment: augmentation of the stage; default: `train.augment`.
    """

    augment: Literal["none", "light", "full"] | None = None


class ImageTrain(TrainSection):
    """Length of training, batches and augmentation.

    Options:
        order: pairs draws two images of each class in a batch; shuffled uses every image once per
            epoch.
        augment: none; light zooms and flips; full also rotates, blacks out a quarter, and combines two images
            of a class.
        stages: stages of training; as long as no stage has trained the backbone, stages without augmentation
            use cached features.
        updates_per_epoch: length of an epoch; default: as many as needed for the number of training images.
        buckets: not used, because all images have the same size.
    """

    batch_size: PositiveInt = 32
    order: Literal["pairs", "shuffled"] = "pairs"
    augment: Literal["none", "light", "full"] = "full"
    stages: Annotated[list[ImageStage], Field(min_length=1)] | None = None  # type: ignore[assignment]
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
    """The best checkpoint has the highest accuracy of the main head."""

    monitor: Monitor = "valid/main_accuracy"


class ImageClassification(Experiment):
    """Classify images: breeds of dogs, or any other classes given by a folder of images.

    f0 = pool(backbone(x)),  f = W f0 * sigmoid(V f0),  p_main = softmax(M f),  p_aux = softmax(A f0)

    Options:
        data: images with classes.
        vocabulary: the classes.
        model: backbone, pooling, features.
        train: length of training, batches and augmentation.
        decode: the decoder, which combines the two heads.
        samples: image files that are classified after every evaluation.
    Shapes: images (B, S, S, 3) uint8 -> logits (B, classes), twice.
    Data: one folder per class, or a list of files; requires the extra `images`.
    Relations: the auxiliary head and the class centres are regularizers.
    Reference: kexue.fm archive 4611.
    Example:
        task: image_classification
        train: {epochs: 5, batch_size: 32}
    """

    aliases: ClassVar[tuple[str, ...]] = ("dogs",)
    row: ClassVar[str] = "image"
    takes_images: ClassVar[bool] = True
    sample: ClassVar[str] = "dogs"
    gives: ClassVar[frozenset[str]] = frozenset(
        {
            "image",
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

    def exported(self, graphs: Any, constants: Any) -> Any:
        from nlpx.exported.image_classifier import ExportedImageClassifier

        return ExportedImageClassifier(graphs, constants)

    def inputs(self, codec: Any, vocabularies: Vocabularies, folder: Path) -> Sequence[str]:
        from nlpx.tasks.sample_images import sample_images

        return sample_images(self.sample, folder)

    def predictor(self, codec: ImageCodec, learner: Any, vocabularies: Vocabularies) -> ImagePredictor:
        from nlpx.tasks.image_classification.predictor import ImagePredictor

        return ImagePredictor(self, codec.pixels, learner, vocabularies)

    def example_type(self) -> Any:
        from nlpx.tasks.image_classification.example import PictureExample

        return PictureExample

    def initialize(self, learner: Any, cache: Path) -> None:
        from nlpx.tasks.image_classification.learner import read_backbone

        read_backbone(self, learner)

    def batches(self, items: EncodedItems, learner: Any, cache: Path) -> Batches:
        from nlpx.tasks.image_classification.order import image_batches

        return image_batches(self, items, learner, cache)
