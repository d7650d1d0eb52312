"""The config of the task title."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from nlpx.components.decoders.base import Decoder
from nlpx.components.decoders.beam import Beam
from nlpx.components.encoders.base import Encoder
from nlpx.components.encoders.bidirectional import Bidirectional
from nlpx.components.encoders.gated_conv import GatedConv
from nlpx.components.losses.base import Loss
from nlpx.components.losses.sequence_cross_entropy import SequenceCrossEntropy
from nlpx.components.metrics.base import Metric
from nlpx.components.metrics.copying import Copying
from nlpx.components.metrics.nll import NLL
from nlpx.components.metrics.rouge import Rouge
from nlpx.components.varying import Varying
from nlpx.core.options import PositiveInt, Rate
from nlpx.specs.experiment import TextExperiment
from nlpx.specs.sections import CheckpointSection, Monitor, OutputNormalization, TextData, VocabularySection
from nlpx.specs.seq2seq import RecurrentDecoder, Seq2SeqSection, SharedEmbedding

if TYPE_CHECKING:
    from nlpx.data.codec import Vocabularies
    from nlpx.specs.predictor import Predictor
    from nlpx.tasks.title.codec import TitleCodec
    from nlpx.tasks.title.predictor import TitlePredictor


class TitleData(TextData):
    """Articles with headlines.

    Options:
        max_length: number of characters of an article that are read; also in evaluation and prediction.
        max_title: maximum length of headlines; articles with longer ones are left out.
    """

    normalize: OutputNormalization = OutputNormalization()
    max_length: PositiveInt = 400
    max_title: PositiveInt = 64


class TitleVocabulary(VocabularySection):
    """Tokens with their own ids.

    Options:
        unit: with char, tokens are characters; with word, tokens are jieba words that have an id, and the
            characters of other words.
        min_word_count: rarer words have no id; default: `min_count`. Only for the unit word.
    """

    unit: Literal["char", "word"] = "char"  # type: ignore[assignment]  # one more than elsewhere
    min_word_count: PositiveInt | None = None

    @model_validator(mode="after")
    def _words_are_counted(self) -> TitleVocabulary:
        if self.unit == "char" and self.min_word_count is not None:
            raise PydanticCustomError(
                "no_words",
                "min_word_count counts words, and the unit is char: set unit: word, or min_word_count: ~",
            )
        return self


class TitleEmbedding(SharedEmbedding):
    """Character embeddings with dropout 0.1, shared by article and headline."""

    dropout: Varying[Rate] = 0.1


class TitleDecoder(RecurrentDecoder):
    """Two recurrent layers with dropout 0.2."""

    dropout: Varying[Rate] = 0.2


class TitleModel(Seq2SeqSection):
    """Encoder of gated convolutions and a bidirectional layer; recurrent decoder with a pointer."""

    embedding: TitleEmbedding = TitleEmbedding()
    encoder: Annotated[list[Encoder], Field(min_length=1)] = [
        GatedConv(gate="residual_glu", normalize=True, dropout=0.1, repeat=2),
        Bidirectional(cell="gru", dropout=0.1),
    ]
    decoder: TitleDecoder = TitleDecoder()
    pointer: PositiveInt | None = 64


class TitleCheckpoint(CheckpointSection):
    """The best checkpoint has the highest ROUGE-L."""

    monitor: Monitor = "valid/rouge_l"


class Title(TextExperiment):
    """Generate the headline of an article by character or by word.

    p(title | article) = prod_t p(title_t | article, title_<t)

    An encoder reads the beginning of the article, and a recurrent decoder attends to it and generates or
    copies tokens.

    Options:
        data: articles with headlines.
        vocabulary: characters or words of both, in one vocabulary.
        model: embedding, encoder blocks, decoder, attention, prior, pointer.
        decode: the decoder, which generates a headline.
        lead: length of the reference prediction, which is the beginning of the article.
        samples: articles whose headlines are generated after every evaluation.
    Shapes: article (B, T) ids, headline (B, S) ids -> (B, S, V) scores.
    Data: articles with a headline.
    Relations: `nlpx eval --reference` also evaluates the first `lead` characters.
    Reference: kexue.fm archive 5861.
    Example:
        task: title
        train: {epochs: 5, batch_size: 64}
    """

    row: ClassVar[str] = "article"
    sample: ClassVar[str] = "title"
    gives: ClassVar[frozenset[str]] = frozenset(
        {
            "mask",
            "embedding",
            "blocks",
            "token_nll",
            "token_logits",
            "overlap",
            "next_token",
            "nll",
            "characters",
            "source_text",
            "reference_text",
            "predicted_text",
            "finished",
        }
    )
    shared_vocabulary: ClassVar[bool] = True
    renamed: ClassVar[Mapping[str, str]] = {"model.coverage": "loss.coverage"}

    type: Literal["title"] = Field("title", alias="task")
    data: TitleData = TitleData()
    vocabulary: TitleVocabulary = TitleVocabulary()
    model: TitleModel = TitleModel()
    loss: Loss = SequenceCrossEntropy()
    checkpoint: TitleCheckpoint = TitleCheckpoint()
    decode: Decoder = Beam()
    metrics: list[Metric] = [Rouge(), NLL(), Copying()]
    lead: PositiveInt = 30

    def codec(self) -> TitleCodec:
        from nlpx.tasks.title.codec import TitleCodec

        return TitleCodec.of(self)

    def learner(self, codec: TitleCodec, vocabularies: Vocabularies) -> Any:
        from nlpx.tasks.title.learner import title_learner

        return title_learner(self, codec, vocabularies)

    def exported(self, graphs: Any, constants: Any) -> Any:
        from nlpx.exported.seq2seq import ExportedSeq2Seq

        return ExportedSeq2Seq(graphs, constants)

    def predictor(self, codec: TitleCodec, learner: Any, vocabularies: Vocabularies) -> TitlePredictor:
        from nlpx.tasks.title.predictor import TitlePredictor

        return TitlePredictor(self, codec, learner, vocabularies)

    def example_type(self) -> Any:
        from nlpx.tasks.title.example import TitleExample

        return TitleExample

    def references(self, codec: TitleCodec, vocabularies: Vocabularies) -> Mapping[str, Predictor[Any, Any]]:
        from nlpx.tasks.title.predictor import LeadPredictor

        return {f"lead_{self.lead}": LeadPredictor(self.lead)}
