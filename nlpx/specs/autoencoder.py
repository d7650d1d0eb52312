"""The section `model` of a variational autoencoder."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from nlpx.components.encoders.base import Encoder
from nlpx.components.posteriors.base import Posterior
from nlpx.components.posteriors.gaussian import Gaussian
from nlpx.components.varying import Varying
from nlpx.core.component import Section
from nlpx.core.options import InputFile, PositiveInt, Rate
from nlpx.specs.sections import BlockSection, Chain


class CharacterEmbedding(Section):
    """Character embeddings.

    Options:
        dim: width of a character embedding.
        dropout: dropout rate of the elements of the embedding.
        pretrained: file of character vectors of the width `dim`, which replace the initial weights: text or
            binary of word2vec, or npz with the arrays `tokens` and `vectors`.
    """

    dim: PositiveInt = 64
    dropout: Varying[Rate] = 0.0
    pretrained: InputFile | None = None


class VAESection(BlockSection):
    """A variational autoencoder: embedding, encoder, pooling, posterior; latent vector, decoder, softmax.

    Options:
        embedding: character embeddings.
        encoder: blocks in sequence.
        pooling: mean over positions, which discards their order, or flatten, which concatenates them.
        latent: width of the latent vector.
        posterior: distribution of the latent vector given a verse.
        width: width of a position at the start of the decoder; computed by a dense layer for all positions.
        decoder: blocks in sequence; if empty, positions are predicted independently.
        dropout: dropout rate before the softmax.
        tied: share the embedding with the softmax.
    """

    embedding: CharacterEmbedding = CharacterEmbedding()
    encoder: Annotated[list[Encoder], Field(min_length=1)]
    pooling: Literal["mean", "flatten"] = "mean"
    latent: PositiveInt = 64
    posterior: Posterior = Gaussian()
    width: PositiveInt = 64
    decoder: list[Encoder] = []
    dropout: Varying[Rate] = 0.0
    tied: bool = False

    @property
    def chains(self) -> list[Chain]:
        return [("encoder", self.embedding.dim, self.encoder), ("decoder", self.width, self.decoder)]
