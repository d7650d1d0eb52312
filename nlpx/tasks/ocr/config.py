"""The config of the task ocr."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from nlpx.components.decoders.base import Decoder
from nlpx.components.decoders.bigram_path import BigramPath
from nlpx.components.losses.base import Loss
from nlpx.components.losses.cross_entropy import CrossEntropy
from nlpx.components.metrics.base import Metric
from nlpx.components.metrics.class_accuracy import ClassAccuracy
from nlpx.components.metrics.confusion_pairs import ConfusionPairs
from nlpx.components.metrics.nll import NLL
from nlpx.components.networks.base import Network
from nlpx.components.networks.max_pool_conv import MaxPoolConv
from nlpx.components.pages.base import Page
from nlpx.components.pages.plain import PlainPage
from nlpx.core.component import Section
from nlpx.core.misfits import refuse
from nlpx.core.options import PositiveInt
from nlpx.data.glyphs import SIZE
from nlpx.data.records import LabelledImage
from nlpx.specs.experiment import Experiment
from nlpx.specs.sections import CheckpointSection, Monitor, TrainSection

if TYPE_CHECKING:
    from nlpx.data.codec import Vocabularies
    from nlpx.data.items import EncodedItems
    from nlpx.engine.learner import Batches
    from nlpx.specs.predictor import Predictor
    from nlpx.tasks.ocr.codec import GlyphCodec
    from nlpx.tasks.ocr.predictor import OcrPredictor


class OcrModel(Section):
    """A classifier of characters.

    Options:
        network: network from an image of 48 x 48 pixels to a score for each character.
    """

    network: Network = MaxPoolConv()


class OcrTrain(TrainSection):
    """Length of training and batches.

    Options:
        buckets: not used, because all images have the same size.
    """

    batch_size: PositiveInt = 128
    buckets: None = None
    evaluation_batch_size: PositiveInt = 256

    @model_validator(mode="after")
    def _pooling_is_deterministic(self) -> Self:
        if self.xla and self.deterministic:
            raise PydanticCustomError(
                "xla_pooling",
                "under xla, the gradient of max pooling is not deterministic; set deterministic: false, "
                "or xla: false",
            )
        return self


class OcrCheckpoint(CheckpointSection):
    """The best checkpoint has the highest accuracy."""

    monitor: Monitor = "valid/accuracy"


class Ocr(Experiment):
    """Recognize printed characters, and read pages with them.

    p = softmax(network(x))

    x is the image of a character; a page is cut into lines and lines into characters.

    Options:
        data: images of characters.
        model: the classifier.
        train: length of training and batches.
        page: how ink and lines are found on a page; it does not affect training.
        decode: the decoder, which chooses among the candidates of the boxes of a line.
        samples: image files of pages that are read after every evaluation.
    Shapes: images (B, 48, 48, 1), ink 255 -> logits (B, classes).
    Data: black and white images of characters, rendered from fonts, or files in one folder per character; the
        classes should come in the order of their frequency.
    Relations: `nlpx predict` reads pages of print in horizontal lines; with page/layers also on grounds of
        several colours, with graphics around the text. Requires the extra `images` for fonts and files.
    Reference: kexue.fm archives 3774 to 3856.
    Example:
        task: ocr
        train: {epochs: 5}
    """

    row: ClassVar[str] = LabelledImage.kind
    takes_images: ClassVar[bool] = True
    sample: ClassVar[str] = "strokes"
    introduces: ClassVar[Mapping[str, str]] = {
        "class_rank": "rank of each class by its frequency, from 0 for the most frequent, (U,) int32",
        "candidates": "probability of each character in each box of a line, (T, U)",
    }
    gives: ClassVar[frozenset[str]] = frozenset(introduces) | {
        "image",
        "logits",
        "target",
        "nll",
        "characters",
        "reference_class",
        "predicted_class",
        "reference_rank",
    }

    type: Literal["ocr"] = Field("ocr", alias="task")
    model: OcrModel = OcrModel()
    loss: Loss = CrossEntropy()
    train: OcrTrain = OcrTrain()
    checkpoint: OcrCheckpoint = OcrCheckpoint()
    page: Page = PlainPage()
    decode: Decoder = BigramPath()
    metrics: list[Metric] = [ClassAccuracy(), NLL(), ConfusionPairs()]

    @model_validator(mode="after")
    def _network_reads_images(self) -> Self:
        network = self.model.network
        try:
            network.expect((SIZE, SIZE, 1), (2,))
        except ValueError as error:
            refuse(self.type, [(("model", "network"), network.type, str(error))])
        return self

    def codec(self) -> GlyphCodec:
        from nlpx.tasks.ocr.codec import GlyphCodec

        return GlyphCodec()

    def learner(self, codec: Any, vocabularies: Vocabularies) -> Any:
        from nlpx.tasks.ocr.learner import ocr_learner

        return ocr_learner(self, vocabularies)

    def exported(self, graphs: Any, constants: Any) -> Any:
        from nlpx.exported.image_classifier import ExportedImageScorer

        return ExportedImageScorer(graphs, constants)

    def inputs(self, codec: Any, vocabularies: Vocabularies, folder: Path) -> Sequence[str]:
        from nlpx.tasks.sample_images import sample_images

        return sample_images(self.sample, folder, [(1, 5), (2, 6)], margin=12)

    def predictor(self, codec: GlyphCodec, learner: Any, vocabularies: Vocabularies) -> OcrPredictor:
        from nlpx.tasks.ocr.predictor import OcrPredictor

        return OcrPredictor(self, codec, learner, vocabularies)

    def example_type(self) -> Any:
        from nlpx.tasks.ocr.example import GlyphExample

        return GlyphExample

    def references(self, codec: GlyphCodec, vocabularies: Vocabularies) -> Mapping[str, Predictor[Any, Any]]:
        from nlpx.tasks.ocr.references import NearestImage

        return {"nearest image": NearestImage(codec)}

    def batches(self, items: EncodedItems, learner: Any, cache: Path) -> Batches:
        from nlpx.data.shuffled_batches import ShuffledBatches

        return ShuffledBatches(items, self.train.batch_size, self.seed, self.train.accumulation)
