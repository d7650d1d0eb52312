"""The section `model` of tasks that generate text: an encoder, and a decoder that attends to it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from nlpx.components.varying import Varying
from nlpx.core.component import Section
from nlpx.core.options import PositiveInt, Rate
from nlpx.specs.embedding import EmbeddingSection, Ngrams
from nlpx.specs.sections import TaggerSection


class SharedEmbedding(EmbeddingSection):
    """Character embeddings, shared by input and output.

    Options:
        extend: always false, because the characters of the input are also those of the output.
        ngrams: not available, because the decoder does not know the next character.
    """

    extend: Literal[False] = False
    ngrams: Annotated[list[Ngrams], Field(max_length=0)] = []


class RecurrentDecoder(Section):
    """Recurrent layers over the previous output, with a layer normalization before and after each.

    Options:
        cell: lstm or gru.
        units: width of the layers.
        layers: number of layers.
        modulation: hidden width of the networks that compute scale and offset of the normalizations from the
            encoded text; default: scale and offset are ordinary weights.
        dropout: dropout rate of the output of the last layer.
    """

    cell: Literal["lstm", "gru"] = "lstm"
    units: PositiveInt = 128
    layers: PositiveInt = 2
    modulation: PositiveInt | None = 32
    dropout: Varying[Rate] = 0.0


class AttentionSection(Section):
    """Attention of the decoder to the encoded text.

    Options:
        heads: number of heads.
        head_dim: width of a head.
    """

    heads: PositiveInt = 8
    head_dim: PositiveInt = 16


class InputNoise(Section):
    """Noise in the decoder input during training, so that the model learns to recover from errors.

    Options:
        rows: proportion of texts that are changed.
        tokens: proportion of the characters of a changed text that are replaced by others of the same text.
    """

    rows: Rate = 0.5
    tokens: Rate = 0.3


class Seq2SeqSection(TaggerSection):
    """Sequence-to-sequence model: embedding -> encoder; embedding -> decoder -> attention -> softmax.

    Options:
        embedding: character embeddings, shared by encoder and decoder.
        decoder: recurrent layers.
        attention: attention to the encoded text.
        prior: use a learned bias for the characters of the text.
        pointer: width of the attention for copying characters; null disables copying.
        tied: share the embedding with the softmax.
        noise: noise in the decoder input; default: none.
    """

    embedding: SharedEmbedding = SharedEmbedding()
    decoder: RecurrentDecoder = RecurrentDecoder()
    attention: AttentionSection = AttentionSection()
    prior: bool = True
    pointer: PositiveInt | None = None
    tied: bool = False
    noise: InputNoise | None = None
