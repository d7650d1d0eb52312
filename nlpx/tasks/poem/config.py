"""The config of the task poem."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from nlpx.components.decoders.base import Decoder
from nlpx.components.decoders.verse import Verse
from nlpx.components.encoders.base import Encoder
from nlpx.components.encoders.gated_conv import GatedConv
from nlpx.components.losses.base import Loss
from nlpx.components.losses.elbo import ELBO
from nlpx.components.metrics.base import Metric
from nlpx.components.metrics.elbo import EvidenceLowerBound
from nlpx.components.metrics.novelty import Novelty
from nlpx.components.metrics.rhyme import Rhyme
from nlpx.core.misfits import refuse
from nlpx.specs.autoencoder import VAESection
from nlpx.specs.experiment import TextExperiment
from nlpx.specs.sections import CheckpointSection, Monitor, OutputNormalization, TextData

if TYPE_CHECKING:
    from nlpx.data.codec import Vocabularies
    from nlpx.tasks.poem.codec import PoemCodec
    from nlpx.tasks.poem.predictor import PoemPredictor


class PoemData(TextData):
    """Verses of equal length.

    Options:
        length: length of a verse, a couplet or a quatrain with lines of five or seven; verses of another
            length, or with punctuation within lines, are left out and counted.
        max_length: maximum length of a sample; rows have `length` characters.
    """

    normalize: OutputNormalization = OutputNormalization()
    length: Literal[10, 14, 20, 28] = 10


class PoemModel(VAESection):
    """Embedding of width 64, two gated convolutions, mean pooling; one gated convolution in the decoder."""

    encoder: Annotated[list[Encoder], Field(min_length=1)] = [
        GatedConv(gate="residual_glu", use_bias=False, repeat=2)
    ]
    decoder: list[Encoder] = [GatedConv(gate="residual_glu", use_bias=False)]


class PoemCheckpoint(CheckpointSection):
    """The best checkpoint has the lowest negative evidence lower bound."""

    monitor: Monitor = "valid/nelbo"


class Poem(TextExperiment):
    """Generate verses (诗) unconditionally with a variational autoencoder.

    z ~ N(0, 1),  p(verse | z) = prod_t p(x_t | z)

    It is a softmax at every position, trained jointly with q(z | verse).

    Options:
        data: verses.
        vocabulary: characters of the verses.
        model: encoder, latent vector, decoder.
        decode: the decoder, which turns a latent vector into a verse.
        samples: openings to continue, or verses to reconstruct, after every evaluation.
    Shapes: verses (B, T) ids -> latent (B, L) -> (B, T, V) logits.
    Data: verses of `data.length` characters without punctuation.
    Relations: `nlpx predict` without a text generates verses; an opening is continued, a whole verse
        reconstructed.
    Reference: kexue.fm archives 5253, 5332 and 7381; Kingma and Welling 2014, arXiv 1312.6114.
    Example:
        task: poem
        train: {epochs: 5, batch_size: 64}
    """

    row: ClassVar[str] = "verse"
    sample: ClassVar[str] = "poem"
    gives: ClassVar[frozenset[str]] = frozenset(
        {
            "mask",
            "embedding",
            "blocks",
            "token_nll",
            "kl",
            "latent",
            "elbo",
            "source_text",
            "generated",
            "familiarity",
        }
    )
    shared_vocabulary: ClassVar[bool] = True
    generates: ClassVar[bool] = True
    cuts_long_texts: ClassVar[bool] = False

    type: Literal["poem"] = Field("poem", alias="task")
    data: PoemData = PoemData()
    model: PoemModel = PoemModel()
    loss: Loss = ELBO()
    checkpoint: PoemCheckpoint = PoemCheckpoint()
    decode: Decoder = Verse()
    metrics: list[Metric] = [EvidenceLowerBound(), Novelty()]

    @model_validator(mode="after")
    def _quatrains_rhyme(self) -> Self:
        asking: list[tuple[str | int, ...]] = [
            ("metrics", i) for i, metric in enumerate(self.metrics) if isinstance(metric, Rhyme)
        ]
        if isinstance(self.decode, Verse) and self.decode.rhymes is not None:
            asking.append(("decode", "rhymes"))
        if asking and self.data.length in (10, 14):
            what = (
                "a couplet has one end that rhymes, with those of other couplets; rhymes need quatrains: "
                "set data.length to 20 or 28, and unit: quatrain of the source"
            )
            refuse(self.type, [(loc, self.data.length, what) for loc in asking])
        return self

    def codec(self) -> PoemCodec:
        from nlpx.tasks.poem.codec import PoemCodec

        return PoemCodec.of(self)

    def learner(self, codec: PoemCodec, vocabularies: Vocabularies) -> Any:
        from nlpx.tasks.poem.learner import poem_learner

        return poem_learner(self, codec, vocabularies)

    def exported(self, graphs: Any, constants: Any) -> Any:
        from nlpx.exported.autoencoder import ExportedAutoencoder

        return ExportedAutoencoder(graphs, constants)

    def predictor(self, codec: PoemCodec, learner: Any, vocabularies: Vocabularies) -> PoemPredictor:
        from nlpx.tasks.poem.predictor import PoemPredictor

        return PoemPredictor(self, codec.normalizer.normalize, learner, vocabularies)

    def example_type(self) -> Any:
        from nlpx.tasks.poem.example import VerseExample

        return VerseExample
