"""The config of the task digits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from nlpx.components.losses.base import Loss
from nlpx.components.losses.capsule_margin import CapsuleMargin
from nlpx.components.metrics.base import Metric
from nlpx.components.metrics.class_accuracy import ClassAccuracy
from nlpx.components.metrics.confusion import Confusion
from nlpx.components.metrics.pair_accuracy import PairAccuracy
from nlpx.components.networks.base import Network
from nlpx.components.networks.pooled_conv import PooledConv
from nlpx.core.component import Section
from nlpx.core.misfits import Misfit, refuse
from nlpx.data.records import LabelledImage
from nlpx.specs.experiment import Experiment
from nlpx.specs.sections import CheckpointSection, Monitor, TrainSection

if TYPE_CHECKING:
    from nlpx.data.codec import Vocabularies
    from nlpx.data.items import EncodedItems
    from nlpx.engine.learner import Batches
    from nlpx.specs.predictor import Predictor
    from nlpx.tasks.digits.codec import GreyCodec


class DigitsModel(Section):
    """A network from grey images to one number per class.

    Options:
        image_size: edge of the images in pixels.
        network: network from images to classes.
    """

    image_size: Annotated[int, Field(ge=8, le=256)] = 28
    network: Network = PooledConv()


class DigitsTrain(TrainSection):
    """Length of training and batches.

    Options:
        buckets: not used, because all images have the same size.
    """

    buckets: None = None


class DigitsCheckpoint(CheckpointSection):
    """The best checkpoint has the highest accuracy on images of one object."""

    monitor: Monitor = "valid/accuracy"


class Digits(Experiment):
    """Recognize handwritten digits, or other objects on small grey images; also two of them in one image.

    score of class j = |v_j| with capsules; sigmoid(z_j), or softmax(z)_j if the objective reads logits

    Options:
        data: images with one class each.
        model: image size and network.
        train: length of training and batches.
        samples: image files that are predicted after every evaluation.
    Shapes: images (B, S, S, 1) uint8 -> scores (B, classes) from 0 to 1.
    Data: IDX files as of MNIST, or one folder of images per class; bright objects on a dark background.
    Relations: image_classification is for photographs, and has two heads and augmentation. Scores of
        capsules and sigmoids do not compete, so that two objects can be found in one image.
    Reference: kexue.fm archives 4819 and 5112; multilayer perceptron: archive 6794.
    Example:
        task: digits
        train: {epochs: 5, batch_size: 128}
    """

    row: ClassVar[str] = LabelledImage.kind
    takes_images: ClassVar[bool] = True
    sample: ClassVar[str] = "digits"
    introduces: ClassVar[Mapping[str, str]] = {
        "pair": "the classes of the two objects of an image, and the score of every class in it",
    }
    gives: ClassVar[frozenset[str]] = frozenset(
        {
            "image",
            "logits",
            "capsule_length",
            "target",
            "reference_class",
            "predicted_class",
            "reference_rank",
            "pair",
        }
    )

    type: Literal["digits"] = Field("digits", alias="task")
    model: DigitsModel = DigitsModel()
    loss: Loss = CapsuleMargin()
    train: DigitsTrain = DigitsTrain()
    checkpoint: DigitsCheckpoint = DigitsCheckpoint()
    metrics: list[Metric] = [ClassAccuracy(), PairAccuracy(), Confusion()]

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        refuse(self.type, self._misfits())
        return self

    def _misfits(self) -> Iterator[Misfit]:
        network, size = self.model.network, self.model.image_size
        try:
            network.expect((size, size, 1), (2,))
        except ValueError as error:
            yield ("model", "network"), network.type, str(error)
        for place, member in self.loss.members:
            if network.lengths and "logits" in member.reads:
                what = (
                    f"the network {network.type} gives lengths of capsules and no logits; use capsule_margin"
                )
                yield ("loss", *place), member.type, what
        for index, metric in enumerate(self.metrics):
            if network.fixed_size and "pair" in metric.needs:
                what = (
                    f"the network {network.type} reads images of {size} pixels only, and not images of two "
                    "objects; remove this metric, or use the network pooled_conv or capsule_conv"
                )
                written = "metrics" in self.model_fields_set
                yield ("metrics", index) if written else ("model", "network"), metric.type, what

    def codec(self) -> GreyCodec:
        from nlpx.tasks.digits.codec import GreyCodec

        return GreyCodec(self.model.image_size)

    def learner(self, codec: Any, vocabularies: Vocabularies) -> Any:
        from nlpx.tasks.digits.learner import digit_learner

        return digit_learner(self, vocabularies)

    def exported(self, graphs: Any, constants: Any) -> Any:
        from nlpx.exported.image_classifier import ExportedImageScorer

        return ExportedImageScorer(graphs, constants)

    def inputs(self, codec: Any, vocabularies: Vocabularies, folder: Path) -> Sequence[str]:
        from nlpx.tasks.sample_images import sample_images

        return sample_images(self.sample, folder, () if self.model.network.fixed_size else [(2, 1)])

    def predictor(self, codec: GreyCodec, learner: Any, vocabularies: Vocabularies) -> Predictor[Any, Any]:
        from nlpx.tasks.digits.predictor import DigitPredictor

        return DigitPredictor(self, codec, learner, vocabularies)

    def example_type(self) -> Any:
        from nlpx.tasks.digits.example import DigitExample

        return DigitExample

    def references(self, codec: GreyCodec, vocabularies: Vocabularies) -> Mapping[str, Predictor[Any, Any]]:
        from nlpx.tasks.digits.references import NearestImages

        return {"nearest images": NearestImages(self, codec)}

    def batches(self, items: EncodedItems, learner: Any, cache: Path) -> Batches:
        from nlpx.data.shuffled_batches import ShuffledBatches

        return ShuffledBatches(items, self.train.batch_size, self.seed, self.train.accumulation)
