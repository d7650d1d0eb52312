"""Parts that several models share: the embedding of characters and n-grams, and chains of blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras
import tensorflow as tf

from nlpx.components.encoders.base import Encoder
from nlpx.core.build import build
from nlpx.layers.taps import tap
from nlpx.layers.token_embedding import TokenEmbedding
from nlpx.specs.embedding import EmbeddingSection
from nlpx.text.ngrams import feature_names, vocabulary_name


def build_embedding(
    section: EmbeddingSection,
    characters: int,
    ngram_sizes: Mapping[str, int],
    levels: Mapping[str, float] | None = None,
) -> TokenEmbedding:
    """The embedding of a section.

    Args:
        ngram_sizes: n-gram vocabulary sizes by feature group, one for each entry of `section.ngrams`.
        levels: layout of the levels that are appended.
    """
    ngrams = [
        {"vocabulary_size": ngram_sizes[vocabulary_name(n.size)], "dim": n.dim, "dropout": n.dropout}
        for n in section.ngrams
    ]
    return TokenEmbedding(characters, section.dim, section.dropout, ngrams, levels, name="embedding")


def ngram_features(section: EmbeddingSection) -> list[str]:
    """Names of the n-gram features of a batch, in the order expected by the embedding."""
    return [name for ngrams in section.ngrams for name in feature_names(ngrams.size)]


def build_blocks(key: str, blocks: Sequence[Encoder]) -> list[keras.layers.Layer]:
    """The layers of a chain of blocks, whose names begin with its key in the section `model`."""
    return [
        build(block, name=f"{key}_{i}_{copy}")
        for i, block in enumerate(blocks)
        for copy in range(block.repeat)
    ]


def run_blocks(
    blocks: Sequence[keras.layers.Layer],
    x: tf.Tensor,
    mask: tf.Tensor | None = None,
    training: bool = False,
) -> tf.Tensor:
    """The output of the last block, (B, T, D'), for x (B, T, D) and mask (B, T).

    Each layer is the tap `block`.
    """
    for block in blocks:
        x = tap("block", block)(x, mask=mask, training=training)
    return x
