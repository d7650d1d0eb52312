"""The section `model` of entity linking."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from nlpx.components.encoders.base import Encoder
from nlpx.components.encoders.bidirectional import Bidirectional
from nlpx.core.options import PositiveInt, Rate
from nlpx.specs.autoencoder import CharacterEmbedding
from nlpx.specs.sections import BlockSection, Chain
from nlpx.specs.seq2seq import AttentionSection

MATCHES = 2
"""Features of a position of a text: a name of the dictionary begins there, ends there."""
QUERY = 4
"""Features of a position for a mention and an entity: it is in the mention; character, word, and object of a
fact occur in the description."""


class LinkerSection(BlockSection):
    """A model of mentions and entities: embedding -> encoder -> pointers; embedding -> query and description
    -> attention -> hidden layer -> logit.

    Options:
        embedding: character embeddings of texts and descriptions.
        match: use the dictionary of names: mentions start and end only where names that it matches do, and
            the encoder reads where that is.
        encoder: blocks for finding mentions.
        pointer: width of the layer by which the end of a mention depends on its start; null: it does not.
        query: blocks for a text with the features of a mention and an entity.
        description: blocks for the description of an entity.
        attention: attention of text and description to each other.
        hidden: width of the layer before the logit of an entity.
        dropout: dropout rate of the input of this layer.
    """

    embedding: CharacterEmbedding = CharacterEmbedding()
    match: bool = True
    encoder: Annotated[list[Encoder], Field(min_length=1)] = [Bidirectional()]
    pointer: PositiveInt | None = None
    query: Annotated[list[Encoder], Field(min_length=1)] = [Bidirectional()]
    description: Annotated[list[Encoder], Field(min_length=1)] = [Bidirectional()]
    attention: AttentionSection = AttentionSection()
    hidden: PositiveInt = 64
    dropout: Rate = 0.0

    @property
    def chains(self) -> list[Chain]:
        dim = self.embedding.dim
        return [
            ("encoder", dim + MATCHES * self.match, self.encoder),
            ("query", dim + QUERY, self.query),
            ("description", dim, self.description),
        ]
