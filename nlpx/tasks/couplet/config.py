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
from nlpx.core.options import PositiveInt, Rate
from nlpx.specs.experiment import TextExperiment
from nlpx.specs.sections import EmbeddingSection, HeadedTagger, Normalization, TextData

if TYPE_CHECKING:
    from nlpx.data.codec import Vocabularies
    from nlpx.tasks.couplet.codec import CoupletCodec
    from nlpx.tasks.couplet.predictor import CoupletPredictor


class CoupletNormalization(Normalization):
    """Lower lines are made of the characters of the vocabulary, so their width is kept."""

    width: Literal["half", "keep"] = "keep"


class CoupletData(TextData):
    """Rows of couplets; `max_length` leaves longer pairs out of training."""

    normalize: CoupletNormalization = CoupletNormalization()

    max_length: PositiveInt = 16


class CoupletEmbedding(EmbeddingSection):
    """Character vectors; a quarter of their elements is dropped in training."""

    dropout: Rate = 0.25


class CoupletModel(HeadedTagger):
    """Embedding 128, six gated convolutions, a softmax over the characters."""

    embedding: CoupletEmbedding = CoupletEmbedding()
    encoder: Annotated[list[Encoder], Field(min_length=1)] = [GatedConv(repeat=6)]
    head: Head = Softmax()


class Couplet(TextExperiment):
    """Answer the upper line of a couplet (对联), character by character.

    p(lower | upper) = prod_i p(lower_i | upper), one softmax a position over a stack of gated convolutions.

    Options:
        name: name of the run.
        seed: of weights, dropout and the order of rows.
        data: rows of upper and lower lines.
        vocabulary: characters of both lines, one table.
        model: embedding, encoder blocks, head.
        loss: what training makes small.
        optimizer: how gradients change weights.
        tricks: additions to training, in the order written.
        train: how long and in which steps.
        checkpoint: which states are kept.
        decode: how scores become a lower line.
        metrics: what evaluation reports.
        samples: upper lines that are answered after every evaluation.
        observers: what else watches the run.
    Shapes: upper (B, T) ids -> (B, T, U) logits.
    Data: pairs of lines of equal length, with blanks at the same places.
    Relations: blanks are copied, and the model sees the lines without them. Uppers that occur in the training
        rows (`seen`) and others (`unseen`) are reported apart.
    Reference: kexue.fm archive 6270.
    Example:
        task: couplet
        train: {epochs: 5, batch_size: 64}
    """

    row: ClassVar[str] = "pair"
    sample: ClassVar[str] = "couplet"
    gives: ClassVar[frozenset[str]] = frozenset(
        {"mask", "target", "line", "nll", "characters", "source_text", "reference_text", "predicted_text"}
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

    def predictor(self, codec: CoupletCodec, learner: Any, vocabularies: Vocabularies) -> CoupletPredictor:
        from nlpx.tasks.couplet.predictor import CoupletPredictor

        return CoupletPredictor(self, codec, learner, vocabularies)
