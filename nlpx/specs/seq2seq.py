"""The section `model` of tasks that write a text: an encoder, and a decoder that attends to it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from nlpx.core.component import Section
from nlpx.core.options import PositiveInt, Rate
from nlpx.specs.sections import EmbeddingSection, Ngrams, TaggerSection


class SharedEmbedding(EmbeddingSection):
    """Vectors of characters, one table for the text that is read and the one that is written.

    Options:
        dim: width of a character vector.
        dropout: share of the vector's elements that is dropped in training.
        ngrams: none, as the decoder does not know the next character.
    """

    ngrams: Annotated[list[Ngrams], Field(max_length=0)] = []


class RecurrentDecoder(Section):
    """Recurrent layers that read what is written so far, with a layer normalization before and after each.

    Options:
        cell: lstm or gru.
        units: width of a layer.
        layers: number of layers.
        modulation: hidden width of the networks by which the encoded text decides scale and offset of the
            normalizations; empty learns them as plain weights.
        dropout: share of the elements of the last layer's output that is dropped in training.
    """

    cell: Literal["lstm", "gru"] = "lstm"
    units: PositiveInt = 128
    layers: PositiveInt = 2
    modulation: PositiveInt | None = 32
    dropout: Rate = 0.0


class AttentionSection(Section):
    """Attention of the decoder on the encoded text.

    Options:
        heads: number of heads.
        head_dim: width of a head.
    """

    heads: PositiveInt = 8
    head_dim: PositiveInt = 16


class InputNoise(Section):
    """Wrong characters among those that training tells the decoder, so that it learns to go on after errors.

    Options:
        rows: share of texts that are changed.
        tokens: share of a changed text's characters that are replaced by others of the same text.
    """

    rows: Rate = 0.5
    tokens: Rate = 0.3


class Seq2SeqSection(TaggerSection):
    """Reads a text, writes another: embedding -> encoder; embedding -> decoder -> attention -> softmax.

    Options:
        embedding: vectors of characters, shared by both sides.
        encoder: blocks that follow one another.
        decoder: recurrent layers.
        attention: on the encoded text.
        prior: a learned bias for the characters that the text holds.
        pointer: width of the attention that copies characters; empty copies none.
        tied: score characters with the table of the embedding.
        noise: wrong characters among the decoder's inputs; empty has none.
    """

    embedding: SharedEmbedding = SharedEmbedding()
    decoder: RecurrentDecoder = RecurrentDecoder()
    attention: AttentionSection = AttentionSection()
    prior: bool = True
    pointer: PositiveInt | None = None
    tied: bool = False
    noise: InputNoise | None = None
