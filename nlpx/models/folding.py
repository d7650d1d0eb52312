"""Folding at load time: constants of a network are multiplied once, and not for every batch.

A convolution of embeddings is a sum of rows of tables, one table for each place of its window:

    conv(x)_t = b + sum_j K_j E[id_(t+j)] = b + sum_j (E K_j)[id_(t+j)]

Outside the mask, the ids are those of one more row, which is 0. This holds for all parts of an embedding:
characters, n-grams, and levels, two of which make one id. Later convolutions are computed without masks of
what is 0 already, and with constant weights, which the graph compiler joins with the operations after them.
What is folded is a copy of the weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, takewhile

import keras
import numpy as np
import tensorflow as tf

from nlpx.components.encoders.conv_layer import ConvBlock
from nlpx.components.encoders.gated_conv_layer import GatedConv1D
from nlpx.layers.masking import apply_mask
from nlpx.layers.token_embedding import TokenEmbedding

LARGEST = 1 << 28
"""Maximum number of elements of the tables, which are 1 GiB."""
DTYPES = ("float32", "bfloat16")
Block = ConvBlock | GatedConv1D


class FoldedConvs:
    """An embedding and the convolutions that follow it, for inference with the weights they have now.

    Equals the layers up to rounding. Use `fold`, which says where this applies.

    Attributes:
        blocks: how many blocks it replaces.
    """

    def __init__(self, embedding: TokenEmbedding, blocks: Sequence[Block]) -> None:
        self.blocks = len(blocks)
        self._embedding = embedding
        self._depth = int(embedding.levels["depth"]) if embedding.levels else 0
        self._convs = [_convolutions(block) for block in blocks]
        self._layers = blocks
        vectors = _vectors(embedding)
        if (norm := blocks[0].norm) is not None:
            vectors = [norm(table).numpy().astype(np.float32) for table in vectors]
        self._sums = [_Sum(vectors, conv) for conv in self._convs[0]]

    def __call__(
        self, ids: tf.Tensor, ngrams: Sequence[tf.Tensor], levels: tf.Tensor | None, mask: tf.Tensor
    ) -> tf.Tensor:
        """The inputs of the embedding, and the mask (B, T) -> (B, T, filters); 0 outside the mask."""
        features = [ids, *ngrams, *self._pairs(levels)]
        first = self._layers[0]
        # A block that does not add its input never sees it.
        x = self._embedding(ids, ngrams, levels, mask=mask) if _adds_input(first) else None
        x = _finished(
            first, x, [tf.cast(found(features, mask), first.compute_dtype) for found in self._sums], mask
        )
        for block, convs in zip(self._layers[1:], self._convs[1:], strict=True):
            seen = x if block.norm is None else apply_mask(block.norm(x), mask)
            x = _finished(block, x, [conv(seen) for conv in convs], mask)
        return x

    def _pairs(self, levels: tf.Tensor | None) -> list[tf.Tensor]:
        """The ids of pairs of levels, (B, T) each."""
        if levels is None:
            return []
        first, second = (tf.cast(levels[..., i::2], tf.int32) for i in range(2))
        return tf.unstack(first * self._depth + second, num=levels.shape[-1] // 2, axis=-1)


def fold(embedding: TokenEmbedding, blocks: Sequence[keras.layers.Layer]) -> FoldedConvs | None:
    """The embedding and the first blocks, folded; None if that does not apply.

    These are blocks `conv` and `gated_conv` in float32 or bfloat16. The first one may normalize vectors of
    characters alone; its window must include its own position, which some even windows do not. The number of
    levels must be even.
    """
    convs = [*takewhile(_is_foldable, blocks)]
    if not convs or (embedding.levels and embedding.levels["fields"] % 2):
        return None
    if convs[0].norm is not None and (embedding.ngram_tables or embedding.levels):
        return None
    first = _convolutions(convs[0])
    if 0 not in first[0].offsets:
        return None
    rows = sum(len(vectors) + 1 for vectors in _vectors(embedding))
    if sum(rows * len(conv.offsets) * len(conv.bias) for conv in first) > LARGEST:
        return None
    return FoldedConvs(embedding, convs)


@dataclass(frozen=True)
class _Convolution:
    """Kernel (k, D, F), bias (F,), dilation."""

    kernel: np.ndarray
    bias: np.ndarray
    dilation: int

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        y = tf.nn.convolution(x, tf.constant(self.kernel, x.dtype), padding="SAME", dilations=self.dilation)
        return tf.nn.bias_add(y, tf.constant(self.bias, x.dtype))

    @property
    def offsets(self) -> list[int]:
        """The positions of the window, relative to that of the output."""
        left = (len(self.kernel) - 1) * self.dilation // 2
        return [place * self.dilation - left for place in range(len(self.kernel))]


class _Sum:
    """A convolution of concatenated vectors, (rows, width) for each feature, as a sum of rows of tables."""

    def __init__(self, vectors: Sequence[np.ndarray], conv: _Convolution) -> None:
        self._offsets = conv.offsets
        self._tables = []
        start = 0
        for table in vectors:
            stop = start + table.shape[1]
            places = [table @ part[start:stop] for part in conv.kernel]
            if not start:
                places[self._offsets.index(0)] += conv.bias
            # Exports take variables along, but no constants from outside a graph.
            padded = (np.pad(place, [(0, 1), (0, 0)]) for place in places)
            self._tables.append([tf.Variable(place, trainable=False) for place in padded])
            start = stop

    def __call__(self, features: Sequence[tf.Tensor], mask: tf.Tensor) -> tf.Tensor:
        """Ids (B, T) of every feature, mask (B, T) -> (B, T, F)."""
        rows = []
        left, length = -self._offsets[0], tf.shape(mask)[1]
        for ids, tables in zip(features, self._tables, strict=True):
            outside = tables[0].shape[0] - 1
            padding = [[0, 0], [left, self._offsets[-1]]]
            padded = tf.pad(tf.where(mask, ids, outside), padding, constant_values=outside)
            for table, offset in zip(tables, self._offsets, strict=True):
                rows.append(tf.gather(table, padded[:, left + offset : left + offset + length]))
        return tf.add_n(rows)


def _is_foldable(block: keras.layers.Layer) -> bool:
    return type(block) in (ConvBlock, GatedConv1D) and block.compute_dtype in DTYPES


def _convolutions(block: Block) -> list[_Convolution]:
    """Those of a block; for a gated one, that of the gate, negated for a highway, and that of the value."""
    conv = block.conv
    kernel, dilation = conv.kernel.numpy(), conv.dilation_rate[0]
    bias = conv.bias.numpy() if conv.use_bias else np.zeros(kernel.shape[-1], np.float32)
    if isinstance(block, ConvBlock):
        return [_Convolution(kernel, bias, dilation)]
    gate, value = (
        _Convolution(*parts, dilation)
        for parts in zip(np.split(kernel, 2, -1), np.split(bias, 2), strict=True)
    )
    sign = np.float32(-1 if block.gate == "highway" else 1)
    return [_Convolution(sign * gate.kernel, sign * gate.bias, dilation), value]


def _adds_input(block: Block) -> bool:
    return not isinstance(block, ConvBlock) or block.residual


def _finished(block: Block, x: tf.Tensor | None, found: Sequence[tf.Tensor], mask: tf.Tensor) -> tf.Tensor:
    """The output of a block for its input x and the outputs of its convolutions; 0 outside the mask."""
    if isinstance(block, ConvBlock):
        y = block.conv.activation(found[0])
        return apply_mask(x + y if block.residual else y, mask)
    gate, value = found
    # x * s(g) + v * s(-g), or x + v * s(g).
    return apply_mask(x + ((value - x) if block.gate == "highway" else value) * _sigmoid(gate), mask)


def _sigmoid(x: tf.Tensor) -> tf.Tensor:
    """In float32, in which it is several times as fast as in 16 bits."""
    return tf.cast(tf.sigmoid(tf.cast(x, tf.float32)), x.dtype)


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
