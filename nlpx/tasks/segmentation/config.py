"""The config of the task segmentation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from nlpx.components.decoders.base import Decoder
from nlpx.components.decoders.viterbi import Viterbi
from nlpx.components.encoders.base import Encoder
from nlpx.components.encoders.conv import Conv
from nlpx.components.encoders.gated_conv import GatedConv
from nlpx.components.heads.base import Head
from nlpx.components.heads.crf import CRF
from nlpx.components.losses.base import Loss
from nlpx.components.losses.crf_nll import CRFNegativeLogLikelihood
from nlpx.components.metrics.base import Metric
from nlpx.components.metrics.nll import NLL
from nlpx.components.metrics.word_f1 import WordF1
from nlpx.components.varying import Varying
from nlpx.core.component import Section
from nlpx.core.options import InputFile, Rate
from nlpx.specs.embedding import EmbeddingSection, Ngrams
from nlpx.specs.experiment import TextExperiment
from nlpx.specs.sections import (
    CheckpointSection,
    HeadedTagger,
    Monitor,
)
from nlpx.text.spans import DEPTH, FIELDS

if TYPE_CHECKING:
    from nlpx.data.codec import Vocabularies
    from nlpx.specs.predictor import Predictor
    from nlpx.tasks.segmentation.codec import SegmentationCodec
    from nlpx.tasks.segmentation.predictor import SegmentationPredictor


class LexiconSection(Section):
    """Features that encode how often a span of 2 to 5 characters is a word in the training split.

    Options:
        dropout: dropout rate of positions.
        text: raw text, UTF-8, also `.gz` and `.xz`. Further features encode how many different characters
            precede and follow a span there (accessor variety), which tells words from chance neighbours
            although they do not occur in the training split. It should be large, of the kind of text to be
            segmented, and without the training split. It is counted once, with 65 bytes of memory per
            character; a run keeps what was counted and does without the file.
    """

    dropout: Rate = 0.0
    text: InputFile | None = None

    @property
    def fields(self) -> int:
        """Levels of a position."""
        return FIELDS if self.text is None else 2 * FIELDS


class SegmentationEmbedding(EmbeddingSection):
    """Embeddings of characters and optionally n-grams, and lexicon features.

    Options:
        lexicon: features that encode how often a span is a word in the training split.
    """

    dropout: Varying[Rate] = 0.3
    ngrams: list[Ngrams] = [Ngrams(dropout=0.2)]
    lexicon: LexiconSection | None = LexiconSection()

    @property
    def width(self) -> int:
        return super().width + (0 if self.lexicon is None else DEPTH * self.lexicon.fields)


class SegmentationModel(HeadedTagger):
    """Characters, bigrams and a lexicon, gated convolutions, CRF over the tags s, b, m, e."""

    embedding: SegmentationEmbedding = SegmentationEmbedding()
    encoder: Annotated[list[Encoder], Field(min_length=1)] = [
        Conv(kernel_size=1, activation="linear"),
        GatedConv(gate="residual_glu", normalize=True, dropout=0.2, repeat=2),
        GatedConv(gate="residual_glu", normalize=True, dropout=0.2, dilation_rate=2),
        GatedConv(gate="residual_glu", normalize=True, dropout=0.2, dilation_rate=4),
    ]
    head: Head = CRF()


class SegmentationCheckpoint(CheckpointSection):
    """The best checkpoint has the highest word F1."""

    monitor: Monitor = "valid/f1"


class Segmentation(TextExperiment):
    """Segment Chinese text into words by tagging characters: s single, b begin, m middle, e end of a word.

    P(tags | text) is a linear-chain CRF over an encoder; the best legal tag sequence gives the words.

    Options:
        data: segmented sentences; longer ones are split at punctuation.
        vocabulary: characters.
        model: embedding, encoder blocks, head.
        decode: the decoder, which turns scores into words.
        samples: sentences that are segmented after every evaluation.
    Shapes: characters (B, T) ids -> (B, T, 4) scores.
    Data: sentences with words separated by blanks.
    Relations: the words always concatenate to the text.
    Reference: kexue.fm archive 5542; Xue 2003.
    Example:
        task: segmentation
        train: {epochs: 5, batch_size: 64}
    """

    row: ClassVar[str] = "sentence"
    sample: ClassVar[str] = "segmentation"
    gives: ClassVar[frozenset[str]] = frozenset(
        {
            "mask",
            "embedding",
            "char",
            "blocks",
            "target",
            "tags",
            "nll",
            "characters",
            "reference_words",
            "known_words",
            "predicted_words",
        }
    )

    type: Literal["segmentation"] = Field("segmentation", alias="task")
    model: SegmentationModel = SegmentationModel()
    loss: Loss = CRFNegativeLogLikelihood()
    checkpoint: SegmentationCheckpoint = SegmentationCheckpoint()
    decode: Decoder = Viterbi()
    metrics: list[Metric] = [WordF1(), NLL()]

    def codec(self) -> SegmentationCodec:
        from nlpx.tasks.segmentation.codec import SegmentationCodec

        return SegmentationCodec.of(self, self.model, lexicon=self.model.embedding.lexicon)

    def learner(self, codec: SegmentationCodec, vocabularies: Vocabularies) -> Any:
        from nlpx.tasks.segmentation.learner import segmentation_learner

        return segmentation_learner(self, codec, vocabularies)

    def exported(self, graphs: Any, constants: Any) -> Any:
        from nlpx.exported.tagger import ExportedTagger

        return ExportedTagger(graphs, constants)

    def predictor(
        self, codec: SegmentationCodec, learner: Any, vocabularies: Vocabularies
    ) -> SegmentationPredictor:
        from nlpx.tasks.segmentation.predictor import SegmentationPredictor

        return SegmentationPredictor(self, codec, learner, vocabularies)

    def example_type(self) -> Any:
        from nlpx.tasks.segmentation.example import SegmentationExample

        return SegmentationExample

    def references(
        self, codec: SegmentationCodec, vocabularies: Vocabularies
    ) -> Mapping[str, Predictor[Any, Any]]:
        from nlpx.tasks.segmentation.predictor import JiebaPredictor
        from nlpx.tasks.segmentation.unsupervised import LanguageModelPredictor

        return {"jieba": JiebaPredictor(), "language_model": LanguageModelPredictor(codec, vocabularies)}
