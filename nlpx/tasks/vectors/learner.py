"""Learner of the task vectors: words predicted from their windows, or the words of the windows from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from nlpx.components.losses.base import Loss
from nlpx.data.codec import Vocabularies
from nlpx.data.items import Field
from nlpx.errors import DataError
from nlpx.layers.compiled import Compiled
from nlpx.layers.window_mask import window_mask
from nlpx.models.learner import Exportable, Learner
from nlpx.tasks.vectors.codec import WORD
from nlpx.tasks.vectors.config import Vectors

Tensors = Mapping[str, tf.Tensor]


class VectorsModel(keras.Model):
    """Two tables of vectors: `words`, which are the result, and `contexts`, which score words as outputs.

    Args:
        size: number of words U, with the unknown one.
        dim: width D of the vectors.
        skip_gram: whether a word predicts those of its window; otherwise these predict it.
        mean: whether the vectors of a window are averaged, for CBOW; otherwise they are added.
        shared: whether both tables are one.
        bias: whether outputs have a bias.
        trainable: whether training changes the tables.
    """

    def __init__(
        self,
        size: int,
        dim: int,
        *,
        skip_gram: bool = False,
        mean: bool = True,
        shared: bool = False,
        bias: bool = False,
        trainable: bool = True,
    ) -> None:
        super().__init__(name="vectors")
        self.skip_gram, self.mean = skip_gram, mean
        self.words = keras.layers.Embedding(size, dim, trainable=trainable, name="words")
        self.words.build((None,))
        self.contexts = self.words
        if not shared:
            self.contexts = keras.layers.Embedding(size, dim, trainable=trainable, name="contexts")
            self.contexts.build((None,))
        self.bias: Any = None
        if bias:
            self.bias = self.add_weight(shape=(size,), initializer="zeros", trainable=trainable, name="bias")
        self.built = True

    @property
    def output_bias(self) -> tf.Tensor:
        """The bias of every word as output, (U,); 0 without one."""
        return tf.zeros(self.words.input_dim) if self.bias is None else tf.convert_to_tensor(self.bias)

    def call(self, words: tf.Tensor) -> tf.Tensor:
        """Ids (...) -> vectors (..., D)."""
        return self.words(words)

    def windows(self, batch: Tensors) -> dict[str, tf.Tensor]:
        """What the objective reads, apart from logits and frequencies.

        hidden h, target and mask: of centres (B, L), for CBOW; of pairs of a centre and a position of the row
        (B, L, S), for skip-gram, where h (B, L, 1, D) and target (B, 1, S) are given once for all pairs.

        Args:
            batch: fields of `WindowBatches`.
        """
        words, side = batch["word"], (batch["word"].shape[1] - batch["reach"].shape[1]) // 2
        length = batch["reach"].shape[1]
        near = window_mask(batch["text"], batch["reach"])
        vectors = tf.cast(self.words(words), tf.float32)
        values = {
            "output_embedding": tf.convert_to_tensor(self.contexts.embeddings),
            "output_bias": self.output_bias,
            "row_key": batch["row_key"],
        }
        if self.skip_gram:
            centres = vectors[:, side : side + length]
            others = tf.gather(values["output_embedding"], words)
            scores = tf.matmul(centres, others, transpose_b=True)
            if self.bias is not None:
                scores += tf.gather(values["output_bias"], words)[:, None]
            return {
                **values,
                "hidden": centres[:, :, None],
                "target": words[:, None],
                "target_score": scores,
                "mask": near,
            }
        weights = tf.cast(near, tf.float32)
        sizes = tf.reduce_sum(weights, -1, keepdims=True)
        hidden = tf.matmul(weights, vectors)
        return {
            **values,
            "hidden": tf.math.divide_no_nan(hidden, sizes) if self.mean else hidden,
            "target": words[:, side : side + length],
            "mask": sizes[..., 0] > 0,
        }


class VectorsLearner(Learner[VectorsModel]):
    """Vectors of words with the objective of the config.

    Args:
        model: the tables.
        objective: over all words, or over sampled ones.
        tokens: the words by id.
        counts: occurrences of the words in the training split.
    """

    unit = "targets"

    def __init__(
        self, model: VectorsModel, objective: Loss, tokens: tuple[str, ...], counts: np.ndarray
    ) -> None:
        super().__init__(model, objective, {"classes": len(tokens)})
        self.tokens, self.counts = tokens, counts
        self._frequency = counts.astype(np.float32)
        self._log_likelihood = Compiled(self._traced_likelihood)

    def values(self, batch: Tensors, training: bool) -> Tensors:
        found = self.model.windows(batch)
        found["frequency"] = tf.constant(self._frequency)
        if any("logits" in loss.reads for _, loss in self.objective.members):
            found["logits"] = _logits(found)
            if self.model.skip_gram:
                shape = tf.shape(found["mask"])
                found["logits"] = tf.repeat(found["logits"], shape[-1], axis=2)
                found["target"] = tf.broadcast_to(found["target"], shape)
        return found

    def log_likelihood(self, batch: Mapping[str, np.ndarray]) -> tuple[float, int]:
        """The sum of log p over the targets of a batch, by the softmax over all words, and their number."""
        total, count = self._log_likelihood({name: tf.constant(array) for name, array in batch.items()})
        return float(total), int(count)

    def _traced_likelihood(self, batch: Tensors) -> tuple[tf.Tensor, tf.Tensor]:
        found = self.model.windows(batch)
        logits, mask = _logits(found), tf.cast(found["mask"], tf.float32)
        normalizer = tf.reduce_logsumexp(logits, -1)
        if self.model.skip_gram:
            scores = found["target_score"]
        else:
            scores = tf.gather(logits, found["target"], batch_dims=2)
        return tf.reduce_sum((scores - normalizer) * mask), tf.reduce_sum(mask)

    @property
    def table(self) -> np.ndarray:
        """The vectors of all words but the unknown one, (N, D) float32."""
        return self.model.words.embeddings.numpy()[1:]

    def looked_up(self, rows: Sequence[Any]) -> np.ndarray:
        """Rows of the table (...) -> (..., D), for those who record what the model computes."""
        return self.model(tf.constant(rows) + 1).numpy()

    def exportable(self, fields: Mapping[str, Field]) -> Exportable:
        """No graph: the tables, and as constants how the vectors of a window are used."""
        model = self.model
        tables = {"words": model.words.embeddings.numpy()}
        if model.contexts is not model.words:
            tables["contexts"] = model.contexts.embeddings.numpy()
        if model.bias is not None:
            tables["bias"] = model.bias.numpy()
        flags = {"skip_gram": model.skip_gram, "mean": model.mean}
        return Exportable(constants={name: np.array(flag) for name, flag in flags.items()}, tables=tables)


def _logits(found: Tensors) -> tf.Tensor:
    """Scores of all words but the unknown one, which is no target, (..., U)."""
    scores = tf.matmul(found["hidden"], found["output_embedding"], transpose_b=True) + found["output_bias"]
    return scores - 1e9 * tf.one_hot(0, scores.shape[-1])


def vectors_learner(experiment: Vectors, vocabularies: Vocabularies) -> VectorsLearner:
    """Tables with fresh weights.

    Raises:
        DataError: no word is frequent enough.
    """
    vocabulary, section = vocabularies[WORD], experiment.model
    if len(vocabulary) < 3:
        raise DataError(
            f"the training split has {len(vocabulary) - 1} words that occur vocabulary.min_count: "
            f"{experiment.vocabulary.min_count} times. Expected at least two; use more text, or lower it."
        )
    model = VectorsModel(
        len(vocabulary),
        section.dim,
        skip_gram=section.architecture == "skip_gram",
        mean=section.context == "mean",
        shared=section.shared,
        bias=section.bias or not section.trained,
        trainable=section.trained,
    )
    counts = np.array((0, *vocabulary.counts[1:]), np.int64)
    return VectorsLearner(model, experiment.loss, vocabulary.tokens, counts)
