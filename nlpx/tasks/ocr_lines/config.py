"""The config of the task ocr_lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from nlpx.components.decoders.base import Decoder
from nlpx.components.decoders.ctc_greedy import CTCGreedy
from nlpx.components.encoders.base import Encoder
from nlpx.components.encoders.conv import Conv
from nlpx.components.encoders.gated_conv import GatedConv
from nlpx.components.losses.base import Loss
from nlpx.components.losses.ctc import CTC
from nlpx.components.metrics.base import Metric
from nlpx.components.metrics.char_error_rate import CharErrorRate
from nlpx.components.metrics.nll import NLL
from nlpx.components.pages.base import Page
from nlpx.components.pages.plain import PlainPage
from nlpx.components.sources.line_images import LineImage
from nlpx.core.options import PositiveInt, Rate
from nlpx.specs.experiment import Experiment
from nlpx.specs.sections import BlockSection, Chain, CheckpointSection, Monitor, TrainSection

if TYPE_CHECKING:
    from nlpx.data.codec import Vocabularies
    from nlpx.specs.predictor import Predictor
    from nlpx.tasks.ocr_lines.codec import LineCodec
    from nlpx.tasks.ocr_lines.predictor import LinePredictor

HEIGHT = 32
"""Height of a line in pixels."""


class LineModel(BlockSection):
    """Convolutions over the image of a line, encoder blocks over its frames, and a linear layer.

    x <- max_pool(relu(norm(conv(x)))) for each convolution; a frame is 4 columns of the image

    Options:
        filters: channels of the convolutions, each of which halves the height of 32 pixels; the first two
            also halve the width.
        kernel_size: size of the convolutions.
        dropout: dropout rate of the frames.
        encoder: blocks in sequence over the frames; there may be none.
    """

    filters: Annotated[list[PositiveInt], Field(min_length=2, max_length=5)] = [16, 32, 64]
    kernel_size: PositiveInt = 3
    dropout: Rate = 0.0
    encoder: list[Encoder] = [
        Conv(filters=128, kernel_size=3, activation="linear"),
        GatedConv(gate="residual_glu", normalize=True, repeat=2),
    ]

    @property
    def chains(self) -> list[Chain]:
        return [("encoder", HEIGHT // 2 ** len(self.filters) * self.filters[-1], self.encoder)]


class LineTrain(TrainSection):
    """Length of training and batches; the length of a line is its width in columns at a height of 32."""

    batch_size: PositiveInt = 16
    evaluation_batch_size: PositiveInt = 32

    @model_validator(mode="after")
    def _pooling_is_deterministic(self) -> Self:
        if self.xla and self.deterministic:
            raise PydanticCustomError(
                "xla_pooling",
                "under xla, the gradient of max pooling is not deterministic; set deterministic: false, "
                "or xla: false",
            )
        return self


class LineCheckpoint(CheckpointSection):
    """The best checkpoint has the lowest character error rate."""

    monitor: Monitor = "valid/char_error_rate"


class OcrLines(Experiment):
    """Recognize lines of printed text without cutting them into characters.

    p(text | x) = sum over alignments a of prod_t p_t(a_t | x), over the frames t of the image x

    Options:
        data: images of lines with their texts.
        model: convolutions, encoder blocks.
        train: length of training and batches.
        page: how ink and lines are found on a page; it does not affect training.
        decode: the decoder, which reads a text from the frames.
        samples: image files of lines or pages that are read after every evaluation.
    Shapes: images of any width -> columns (B, W, 32, 1), ink 255 -> logits (B, W / 4, U); class 0 is the
        blank.
    Data: dark print on a light ground or the reverse, in horizontal lines. Lines are scaled to 32 pixels.
    Relations: `nlpx predict` reads pages, which are cut into lines. Needs lines to train on, where the task
        ocr needs characters, and no rule for gaps between characters: it reads Latin words, digits, and
        characters that touch. Learns slowly at first. Requires the extra `images` for fonts and files.
    Reference: Graves et al. 2006 (CTC); Shi et al. 2015, arXiv 1507.05717 (convolutions for lines).
    Example:
        task: ocr_lines
        train: {epochs: 5}
    """

    row: ClassVar[str] = LineImage.kind
    sample: ClassVar[str] = "lines"
    takes_images: ClassVar[bool] = True
    introduces: ClassVar[Mapping[str, str]] = {
        "frames": "log-probability of the blank and of each character in each frame of a line, (T, U)"
    }
    gives: ClassVar[frozenset[str]] = frozenset(introduces) | {
        "mask",
        "image",
        "blocks",
        "logits",
        "transcript",
        "transcript_length",
        "nll",
        "characters",
        "reference_text",
        "predicted_text",
    }

    type: Literal["ocr_lines"] = Field("ocr_lines", alias="task")
    model: LineModel = LineModel()
    loss: Loss = CTC()
    train: LineTrain = LineTrain()
    checkpoint: LineCheckpoint = LineCheckpoint()
    page: Page = PlainPage()
    decode: Decoder = CTCGreedy()
    metrics: list[Metric] = [CharErrorRate(), NLL()]

    def codec(self) -> LineCodec:
        from nlpx.tasks.ocr_lines.codec import LineCodec

        return LineCodec()

    def learner(self, codec: Any, vocabularies: Vocabularies) -> Any:
        from nlpx.tasks.ocr_lines.learner import ocr_lines_learner

        return ocr_lines_learner(self, vocabularies)

    def exported(self, graphs: Any, constants: Any) -> Any:
        from nlpx.exported.line_recognizer import ExportedLineRecognizer

        return ExportedLineRecognizer(graphs, constants)

    def inputs(self, codec: Any, vocabularies: Vocabularies, folder: Path) -> Sequence[str]:
        from nlpx.tasks.sample_images import sample_images

        return sample_images(self.sample, folder, [(2, 1), (5, 1)], margin=12)

    def predictor(self, codec: LineCodec, learner: Any, vocabularies: Vocabularies) -> LinePredictor:
        from nlpx.tasks.ocr_lines.predictor import LinePredictor

        return LinePredictor(self, codec, learner, vocabularies)

    def example_type(self) -> Any:
        from nlpx.tasks.ocr_lines.example import LineExample

        return LineExample

    def references(self, codec: LineCodec, vocabularies: Vocabularies) -> Mapping[str, Predictor[Any, Any]]:
        from nlpx.tasks.ocr_lines.references import CutLine

        return {"cut characters": CutLine()}
