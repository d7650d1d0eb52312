"""The section `model` of a variational autoencoder."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from nlpx.components.encoders.base import Encoder
from nlpx.components.posteriors.base import Posterior
from nlpx.components.posteriors.gaussian import Gaussian
from nlpx.core.component import Section
from nlpx.core.options import PositiveInt, Rate
from nlpx.specs.sections import BlockSection, Chain


class CharacterEmbedding(Section):
    """Vectors of characters.

    Options:
        dim: width of a character vector.
        dropout: share of the vector's elements that is dropped in training.
    """

    dim: PositiveInt = 64
    dropout: Rate = 0.0


class VAESection(BlockSection):
    """A variational autoencoder: embedding, encoder, pooling, posterior; latent vector, decoder, softmax.

    Options:
        embedding: vectors of characters.
        encoder: blocks that follow one another.
        pooling: mean of the positions, which forgets their order, or flatten, all of them side by side.
        latent: width of the latent vector.
        posterior: distribution of the latent vector given a row.
        width: of a position that the decoder begins with; a dense layer makes all of them at once.
        decoder: blocks that follow one another; empty decides every position by itself.
        dropout: share of the elements before the softmax that is dropped in training.
        tied: use the embedding table as the weights of the softmax.
    """

    embedding: CharacterEmbedding = CharacterEmbedding()
    encoder: Annotated[list[Encoder], Field(min_length=1)]
    pooling: Literal["mean", "flatten"] = "mean"
    latent: PositiveInt = 64
    posterior: Posterior = Gaussian()
    width: PositiveInt = 64
    decoder: list[Encoder] = []
    dropout: Rate = 0.0
    tied: bool = False

    @property
    def chains(self) -> list[Chain]:
        return [("encoder", self.embedding.dim, self.encoder), ("decoder", self.width, self.decoder)]
