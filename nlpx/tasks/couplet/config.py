"""The config of the task couplet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from nlpx.components.decoders.base import Decoder
from nlpx.components.decoders.couplet_rules import CoupletRules
from nlpx.components.encoders.base import Encoder
from nlpx.components.encoders.gated_conv import GatedConv
from nlpx.components.heads.base import Head
from nlpx.components.heads.softmax import Softmax
from nlpx.components.losses.base import Loss
from nlpx.components.losses.cross_entropy import CrossEntropy
from nlpx.components.metrics.base import Metric
from nlpx.components.metrics.char_accuracy import CharAccuracy
from nlpx.components.metrics.distinct import Distinct
from nlpx.components.metrics.nll import NLL
from nlpx.components.metrics.rule_violations import RuleViolations
from nlpx.components.varying import Varying
from nlpx.core.options import PositiveInt, Rate
from nlpx.specs.embedding import EmbeddingSection
from nlpx.specs.experiment import TextExperiment
from nlpx.specs.sections import HeadedTagger, OutputNormalization, TextData

if TYPE_CHECKING:
    from nlpx.data.codec import Vocabularies
    from nlpx.tasks.couplet.codec import CoupletCodec
    from nlpx.tasks.couplet.predictor import CoupletPredictor


class CoupletData(TextData):
    """Couplets; pairs longer than `max_length` are left out of training."""

    normalize: OutputNormalization = OutputNormalization()

    max_length: PositiveInt = 16


class CoupletEmbedding(EmbeddingSection):
    """Character embeddings with dropout 0.25."""

    dropout: Varying[Rate] = 0.25


class CoupletModel(HeadedTagger):
    """Embedding of width 128, six gated convolutions, softmax over characters."""

    embedding: CoupletEmbedding = CoupletEmbedding()
    encoder: Annotated[list[Encoder], Field(min_length=1)] = [GatedConv(repeat=6)]
    head: Head = Softmax()


class Couplet(TextExperiment):
    """Complete a couplet (对联): predict the lower line given the upper line.

    p(lower | upper) = prod_i p(lower_i | upper)

    It is a softmax at every position over a stack of gated convolutions.

    Options:
        data: upper and lower lines.
        vocabulary: characters of both lines, in one vocabulary.
        model: embedding, encoder blocks, head.
        decode: the decoder, which turns scores into a lower line.
        samples: upper lines that are completed after every evaluation.
    Shapes: upper (B, T) ids -> (B, T, U) logits.
    Data: pairs of lines of equal length with blanks at the same positions.
    Relations: blanks are copied, and the model sees the lines without them. Metrics are also reported for
        upper lines that occur in the training split (`seen`) and for others (`unseen`).
    Reference: kexue.fm archive 6270.
    Example:
        task: couplet
        train: {epochs: 5, batch_size: 64}
    """

    row: ClassVar[str] = "pair"
    sample: ClassVar[str] = "couplet"
    gives: ClassVar[frozenset[str]] = frozenset(
        {
            "mask",
            "target",
            "frequency",
            "embedding",
            "char",
            "blocks",
            "line",
            "nll",
            "characters",
            "source_text",
            "reference_text",
            "predicted_text",
        }
    )
    shared_vocabulary: ClassVar[bool] = True
    cuts_long_texts: ClassVar[bool] = False

    type: Literal["couplet"] = Field("couplet", alias="task")
    data: CoupletData = CoupletData()
    model: CoupletModel = CoupletModel()
    loss: Loss = CrossEntropy()
    decode: Decoder = CoupletRules()
    metrics: list[Metric] = [NLL(), CharAccuracy(), RuleViolations(), Distinct()]

    def codec(self) -> CoupletCodec:
        from nlpx.tasks.couplet.codec import CoupletCodec

        return CoupletCodec.of(self, self.model)

    def learner(self, codec: CoupletCodec, vocabularies: Vocabularies) -> Any:
        from nlpx.tasks.couplet.learner import couplet_learner

        return couplet_learner(self, codec, vocabularies)

    def exported(self, graphs: Any, constants: Any) -> Any:
        from nlpx.exported.tagger import ExportedTagger

        return ExportedTagger(graphs, constants)

    def predictor(self, codec: CoupletCodec, learner: Any, vocabularies: Vocabularies) -> CoupletPredictor:
        from nlpx.tasks.couplet.predictor import CoupletPredictor

        return CoupletPredictor(self, codec, learner, vocabularies)

    def example_type(self) -> Any:
        from nlpx.tasks.couplet.example import CoupletExample

        return CoupletExample
