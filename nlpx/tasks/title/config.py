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
from nlpx.core.options import PositiveInt, Rate
from nlpx.specs.experiment import TextExperiment
from nlpx.specs.sections import CheckpointSection, Monitor, Normalization, TextData, VocabularySection
from nlpx.specs.seq2seq import RecurrentDecoder, Seq2SeqSection, SharedEmbedding

if TYPE_CHECKING:
    from nlpx.data.codec import Vocabularies
    from nlpx.specs.predictor import Predictor
    from nlpx.tasks.title.codec import TitleCodec
    from nlpx.tasks.title.predictor import TitlePredictor


class TitleNormalization(Normalization):
    """Headlines are made of the characters of the vocabulary, so their width is kept."""

    width: Literal["half", "keep"] = "keep"


class TitleData(TextData):
    """Rows of articles.

    Options:
        root: folder that corpus files are relative to; `$NLPX_DATA`, then the folder of the config, where it
            is empty.
        source: where rows come from.
        normalize: how text is mapped before the vocabulary sees it.
        max_length: characters of an article that are read, the first ones; also in evaluation and prediction.
        max_title: longest headline in characters; rows with a longer one are left out.
        on_bad_line: error stops before training and lists every bad row; skip counts and lists them in the
            run.
        limit: read at most this many rows of every split.
        cache: folder for encoded rows; empty takes `$NLPX_CACHE`, then the user's cache folder.
    """

    normalize: TitleNormalization = TitleNormalization()
    max_length: PositiveInt = 400
    max_title: PositiveInt = 64


class TitleVocabulary(VocabularySection):
    """Which tokens have an id of their own.

    Options:
        unit: char makes every character a token; word those words that jieba cuts and that have an id, and
            the characters of all others.
        min_count: rarer characters share the id of the unknown.
        max_size: keep at most this many characters, the most frequent ones.
        min_word_count: rarer words have no id; empty takes `min_count`. For the unit word.
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
    """Vectors of characters, shared by article and headline; a tenth of their elements is dropped."""

    dropout: Rate = 0.1


class TitleDecoder(RecurrentDecoder):
    """Two recurrent layers; a fifth of the output is dropped in training."""

    dropout: Rate = 0.2


class TitleModel(Seq2SeqSection):
    """Gated convolutions and a bidirectional layer read; a recurrent decoder writes, or a pointer copies."""

    embedding: TitleEmbedding = TitleEmbedding()
    encoder: Annotated[list[Encoder], Field(min_length=1)] = [
        GatedConv(gate="residual_glu", normalize=True, dropout=0.1, repeat=2),
        Bidirectional(cell="gru", dropout=0.1),
    ]
    decoder: TitleDecoder = TitleDecoder()
    pointer: PositiveInt | None = 64


class TitleCheckpoint(CheckpointSection):
    """The best checkpoint is the one with the highest ROUGE-L."""

    monitor: Monitor = "valid/rouge_l"


class Title(TextExperiment):
    """Write the headline of an article, token by token; tokens are characters, or words.

    p(title | article) = prod_t p(title_t | article, title_<t): an encoder reads the first characters of the
    article, a recurrent decoder attends to it and writes or copies.

    Options:
        name: name of the run.
        seed: of weights, dropout and the order of rows.
        data: rows of articles and headlines.
        vocabulary: characters of both, or words, one table.
        model: embedding, encoder blocks, decoder, attention, prior, pointer.
        loss: what training makes small.
        optimizer: how gradients change weights.
        tricks: additions to training, in the order written.
        train: how long and in which steps.
        checkpoint: which states are kept.
        decode: how probabilities become a headline.
        metrics: what evaluation reports.
        lead: characters of the reference system that answers with the beginning of the article.
        samples: articles that are answered after every evaluation.
        observers: what else watches the run.
    Shapes: article (B, T) ids, headline (B, S) ids -> (B, S, V) scores.
    Data: articles with a headline.
    Relations: `nlpx eval --reference` shows the first `lead` characters beside the model.
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

    def predictor(self, codec: TitleCodec, learner: Any, vocabularies: Vocabularies) -> TitlePredictor:
        from nlpx.tasks.title.predictor import TitlePredictor

        return TitlePredictor(self, codec, learner, vocabularies)

    def references(self, codec: TitleCodec, vocabularies: Vocabularies) -> Mapping[str, Predictor[Any, Any]]:
        from nlpx.tasks.title.predictor import LeadPredictor

        return {f"lead_{self.lead}": LeadPredictor(self.lead)}
