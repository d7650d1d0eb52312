"""Embedding of characters and n-grams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras
import tensorflow as tf
from keras import ops

from nlpx.layers.dropout import Dropout, Rate
from nlpx.layers.masking import SequenceLayer, apply_mask
from nlpx.layers.taps import tap


@keras.saving.register_keras_serializable(package="nlpx")
class TokenEmbedding(SequenceLayer):
    """[E[id]; E_2[bigram that ends here]; E_2[bigram that begins here]; ...; one-hot levels], with dropout.

    ids (B, T) int32, n-gram ids (two arrays (B, T) for each table), levels (B, T, fields), mask (B, T)
    -> (B, T, dim + 2 * sum of n-gram dims + fields * depth); 0 outside the mask. The tap `embedding` is
    the vectors of characters and n-grams, before dropout and without levels.

    Args:
        vocabulary_size: rows of the character table.
        dim: width of a character vector.
        dropout: share of the elements of the result dropped in training.
        ngrams: one table for each entry: `vocabulary_size`, `dim`, and `dropout`, the share of n-grams that
            training replaces by the unknown (id 0), so that the model does not lean on having seen them.
        levels: small integers, several per position, appended as one-hot vectors: `fields`, how many;
            `depth`, which they are below; `dropout`, the share of positions that training sets to 0.

    Raises:
        ValueError: a number of n-gram features that is not twice the number of tables; the option `levels`
            without levels, or these without it.

    Source: n-gram embeddings for Chinese tagging: Zhang et al. 2013; Yang et al. 2017, arXiv 1704.01314.
    """

    def __init__(
        self,
        vocabulary_size: int,
        dim: int,
        dropout: Rate = 0.0,
        ngrams: Sequence[Mapping[str, float]] = (),
        levels: Mapping[str, float] | None = None,
        **kwargs: object,
    ) -> None:
        super().__init__(**kwargs)
        self.vocabulary_size = vocabulary_size
        self.dim = dim
        self.dropout = dropout
        self.ngrams = [dict(table) for table in ngrams]
        self.levels = None if levels is None else dict(levels)
        self.table = keras.layers.Embedding(vocabulary_size, dim, dtype=self.dtype_policy, name="characters")
        self.ngram_tables = [
            keras.layers.Embedding(
                int(table["vocabulary_size"]), int(table["dim"]), dtype=self.dtype_policy, name=f"ngrams_{i}"
            )
            for i, table in enumerate(self.ngrams)
        ]
        self.drop = Dropout(dropout, dtype=self.dtype_policy, name="dropout")
        thins = any(table.get("dropout") for table in (*self.ngrams, self.levels or {}))
        self.seed = keras.random.SeedGenerator() if thins else None

    @property
    def embeddings(self) -> keras.Variable:
        """The embedding matrix of characters, (vocabulary_size, dim)."""
        return self.table.embeddings

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        for table in (self.table, *self.ngram_tables):
            table.build(input_shape)
        self.built = True

    def call(
        self,
        ids: tf.Tensor,
        ngrams: Sequence[tf.Tensor] = (),
        levels: tf.Tensor | None = None,
        mask: tf.Tensor | None = None,
        training: bool | None = None,
    ) -> tf.Tensor:
        if len(ngrams) != 2 * len(self.ngram_tables):
            raise ValueError(f"{len(self.ngram_tables)} n-gram tables, two features each; got {len(ngrams)}")
        if (levels is None) != (self.levels is None):
            raise ValueError("levels go with the option `levels`, and it with them")
        vectors = [self.table(ids)]
        for i, (table, options) in enumerate(zip(self.ngram_tables, self.ngrams, strict=True)):
            for feature in ngrams[2 * i : 2 * i + 2]:
                vectors.append(table(self._thinned(feature, options.get("dropout", 0.0), training)))
        x = tap("embedding", vectors[0] if len(vectors) == 1 else ops.concatenate(vectors, -1))
        if self.levels is not None:
            kept = self._thinned(ops.cast(levels, "int32"), self.levels.get("dropout", 0.0), training)
            one_hot = ops.one_hot(kept, int(self.levels["depth"]), dtype=self.compute_dtype)
            width = int(self.levels["fields"] * self.levels["depth"])
            x = ops.concatenate([x, ops.reshape(one_hot, (*ops.shape(ids), width))], -1)
        return apply_mask(self.drop(x, training=training), mask)

    def _thinned(self, ids: tf.Tensor, rate: float, training: bool | None) -> tf.Tensor:
        if not training or not rate:
            return ids
        kept = keras.random.uniform(ops.shape(ids)[:2], seed=self.seed) >= rate
        return ids * ops.cast(kept if len(ids.shape) == 2 else kept[..., None], ids.dtype)
