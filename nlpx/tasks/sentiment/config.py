"""The config of the task sentiment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from nlpx.components.decoders.base import Decoder
from nlpx.components.decoders.threshold import Threshold
from nlpx.components.losses.base import Loss
from nlpx.components.losses.cross_entropy import CrossEntropy
from nlpx.components.metrics.auc import AUC
from nlpx.components.metrics.base import Metric
from nlpx.components.metrics.calibration import Calibration
from nlpx.components.metrics.class_accuracy import ClassAccuracy
from nlpx.components.metrics.class_f1 import ClassF1
from nlpx.components.metrics.confusion import Confusion
from nlpx.components.metrics.nll import NLL
from nlpx.core.options import PositiveInt
from nlpx.specs.experiment import TextExperiment
from nlpx.specs.sections import CheckpointSection, Monitor, Normalization, TextData
from nlpx.specs.text_classifier import TextClassifierSection

if TYPE_CHECKING:
    from nlpx.data.codec import Vocabularies
    from nlpx.specs.predictor import Predictor
    from nlpx.tasks.sentiment.codec import SentimentCodec


class SentimentNormalization(Normalization):
    """Width and case of letters are ignored."""

    case: Literal["lower", "keep"] = "lower"


class SentimentData(TextData):
    """Texts with a class; longer texts are truncated to `max_length`.

    Options:
        keep: which end of a longer text is kept.
    """

    normalize: SentimentNormalization = SentimentNormalization()
    max_length: PositiveInt = 128
    keep: Literal["start", "end"] = "start"


class SentimentCheckpoint(CheckpointSection):
    """The best checkpoint has the highest accuracy."""

    monitor: Monitor = "valid/accuracy"


class Sentiment(TextExperiment):
    """Classify texts: positive or negative reviews, or any other classes.

    x = pool(encode(embed(text))), p = softmax(W x + b); with two classes p = sigmoid(w x + b)

    Options:
        data: texts with their classes.
        vocabulary: characters of the texts.
        model: embedding, encoder blocks, poolings, hidden layer.
        decode: the decoder, which turns probabilities into a class.
        samples: texts that are classified after every evaluation.
    Shapes: text (B, T) ids -> logits (B, classes).
    Data: at least two classes, which are sorted by name: of 0 and 1, the second class is 1.
    Relations: binary_cross_entropy is for two classes. The decision threshold is chosen on the validation
        split after training.
    Reference: kexue.fm archives 4293, 4733, 4765.
    Example:
        task: sentiment
        train: {epochs: 10, batch_size: 64}
    """

    row: ClassVar[str] = "labelled_text"
    sample: ClassVar[str] = "sentiment"
    gives: ClassVar[frozenset[str]] = frozenset(
        {
            "mask",
            "embedding",
            "char",
            "blocks",
            "logits",
            "logit",
            "feature",
            "target",
            "nll",
            "characters",
            "reference_class",
            "predicted_class",
            "reference_rank",
            "class_probabilities",
        }
    )

    type: Literal["sentiment"] = Field("sentiment", alias="task")
    data: SentimentData = SentimentData()
    model: TextClassifierSection = TextClassifierSection()
    loss: Loss = CrossEntropy()
    checkpoint: SentimentCheckpoint = SentimentCheckpoint()
    decode: Decoder = Threshold()
    metrics: list[Metric] = [ClassAccuracy(), ClassF1(), AUC(), NLL(), Calibration(), Confusion()]

    def codec(self) -> SentimentCodec:
        from nlpx.tasks.sentiment.codec import SentimentCodec

        return SentimentCodec.of(self, self.model, keep=self.data.keep)

    def learner(self, codec: Any, vocabularies: Vocabularies) -> Any:
        from nlpx.tasks.sentiment.learner import sentiment_learner

        return sentiment_learner(self, codec, vocabularies)

    def exported(self, graphs: Any, constants: Any) -> Any:
        from nlpx.exported.text_classifier import ExportedTextClassifier

        return ExportedTextClassifier(graphs, constants)

    def predictor(self, codec: Any, learner: Any, vocabularies: Vocabularies) -> Predictor[Any, Any]:
        from nlpx.tasks.sentiment.predictor import SentimentPredictor

        return SentimentPredictor(self, codec, learner, vocabularies)

    def example_type(self) -> Any:
        from nlpx.tasks.sentiment.example import SentimentExample

        return SentimentExample

    def references(self, codec: Any, vocabularies: Vocabularies) -> Mapping[str, Predictor[Any, Any]]:
        from nlpx.tasks.sentiment.references import LogisticPredictor, MajorityPredictor

        return {
            "majority": MajorityPredictor(self),
            "tf-idf + logistic regression": LogisticPredictor(self, codec.normalizer.normalize),
        }
