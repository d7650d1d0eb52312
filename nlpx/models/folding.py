"""Folding at load time: constants of a network are multiplied once, and not for every batch.

A convolution of embeddings is a sum of rows of tables, one table for each place of its window:

    conv(x)_t = b + sum_j K_j E[id_(t+j)] = b + sum_j (E K_j)[id_(t+j)]

Outside the mask, the ids are those of one more row, which is 0. This holds for all parts of an embedding:
characters, n-grams, and levels, two of which make one id. What is folded is a copy of the weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, takewhile

import keras
import numpy as np
import tensorflow as tf

from nlpx.components.encoders.conv_layer import ConvBlock
from nlpx.layers.masking import apply_mask
from nlpx.layers.token_embedding import TokenEmbedding

LARGEST = 1 << 28
"""Maximum number of elements of the tables, which are 1 GiB."""


class FoldedConvs:
    """An embedding and the convolutions that follow it, for inference with the weights they have now.

    Equals the layers up to rounding. Use `fold`, which says where this applies.

    Attributes:
        blocks: how many blocks it replaces.
    """

    def __init__(self, embedding: TokenEmbedding, first: ConvBlock, more: Sequence[ConvBlock]) -> None:
        self.blocks = 1 + len(more)
        kernel, bias, dilation = _weights(first)
        left = (len(kernel) - 1) * dilation // 2
        self._offsets = [place * dilation - left for place in range(len(kernel))]
        self._padding = [left, (len(kernel) - 1) * dilation - left]
        self._activation = first.conv.activation
        self._depth = int(embedding.levels["depth"]) if embedding.levels else 0
        tables = []
        start = 0
        for vectors in _vectors(embedding):
            tables.append([vectors @ part[start : start + vectors.shape[1]] for part in kernel])
            start += vectors.shape[1]
        for place, table in enumerate(tables[0]):
            table += bias if self._offsets[place] == 0 else 0
        # Exports take variables along, but no constants from outside a graph.
        self._tables = [
            [tf.Variable(np.pad(table, [(0, 1), (0, 0)]), trainable=False) for table in places]
            for places in tables
        ]
        self._more = [(_weights(block), block.conv.activation) for block in more]

    def __call__(
        self, ids: tf.Tensor, ngrams: Sequence[tf.Tensor], levels: tf.Tensor | None, mask: tf.Tensor
    ) -> tf.Tensor:
        """The inputs of the embedding, and the mask (B, T) -> (B, T, filters); 0 outside the mask."""
        features = [ids, *ngrams, *self._pairs(levels)]
        length = tf.shape(ids)[1]
        rows = []
        for feature, tables in zip(features, self._tables, strict=True):
            outside = tables[0].shape[0] - 1
            real = tf.pad(tf.where(mask, feature, outside), [[0, 0], self._padding], constant_values=outside)
            for table, offset in zip(tables, self._offsets, strict=True):
                begin = self._padding[0] + offset
                rows.append(tf.gather(table, real[:, begin : begin + length]))
        x = apply_mask(self._activation(tf.add_n(rows)), mask)
        for (kernel, bias, dilation), activation in self._more:
            y = tf.nn.convolution(x, kernel, padding="SAME", dilations=dilation)
            x = apply_mask(activation(tf.nn.bias_add(y, bias)), mask)
        return x

    def _pairs(self, levels: tf.Tensor | None) -> list[tf.Tensor]:
        """The ids of pairs of levels, (B, T) each."""
        if levels is None:
            return []
        first, second = (tf.cast(levels[..., i::2], tf.int32) for i in range(2))
        return tf.unstack(first * self._depth + second, num=levels.shape[-1] // 2, axis=-1)


def fold(embedding: TokenEmbedding, blocks: Sequence[keras.layers.Layer]) -> FoldedConvs | None:
    """The embedding and the first blocks, folded; None if that does not apply.

    These are convolutions without a residual and without normalization, in float32. The window of the first
    one must include its own position, which some even windows do not; the number of levels must be even.
    """
    convs = [*takewhile(_is_plain, blocks)]
    if not convs:
        return None
    kernel, _, dilation = _weights(convs[0])
    if (len(kernel) - 1) * dilation // 2 % dilation or (embedding.levels and embedding.levels["fields"] % 2):
        return None
    rows = sum(len(vectors) + 1 for vectors in _vectors(embedding))
    if rows * kernel.size // kernel.shape[1] > LARGEST:
        return None
    return FoldedConvs(embedding, convs[0], convs[1:])


def _is_plain(block: keras.layers.Layer) -> bool:
    return (
        type(block) is ConvBlock
        and block.norm is None
        and not block.residual
        and block.compute_dtype == "float32"
    )


def _weights(block: ConvBlock) -> tuple[np.ndarray, np.ndarray, int]:
    """The kernel (k, D, F), the bias (F,), and the dilation."""
    conv = block.conv
    return conv.kernel.numpy(), conv.bias.numpy(), conv.dilation_rate[0]


def _vectors(embedding: TokenEmbedding) -> list[np.ndarray]:
    """The vectors that the embedding concatenates, (rows, width) each, in the order of the features."""
    tables = chain.from_iterable([table, table] for table in embedding.ngram_tables)
    vectors = [table.embeddings.numpy() for table in (embedding.table, *tables)]
    if embedding.levels:
        depth, fields = int(embedding.levels["depth"]), int(embedding.levels["fields"])
        one = np.eye(depth, dtype=np.float32)
        pairs = np.concatenate([np.repeat(one, depth, 0), np.tile(one, (depth, 1))], 1)
        vectors += [pairs] * (fields // 2)
    return vectors
