"""The model of entity linking: pointers to mentions, and a matcher of mentions and entities."""

from __future__ import annotations

from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from nlpx.components.losses.base import Loss
from nlpx.data.items import Field
from nlpx.layers.attention_matcher import AttentionMatcher
from nlpx.layers.compiled import Compiled
from nlpx.layers.half_pointer import HalfPointer
from nlpx.layers.masking import HIDDEN
from nlpx.layers.span_mean import SpanMean
from nlpx.layers.token_embedding import TokenEmbedding
from nlpx.models.blocks import build_blocks, run_blocks
from nlpx.models.built_by_call import BuiltByCall
from nlpx.models.learner import Exportable, InferenceGraph, Learner, batch_inputs, tensors
from nlpx.specs.linker import MATCHES, QUERY, LinkerSection

Batch = Mapping[str, tf.Tensor]


class Linker(BuiltByCall):
    """Logits of starts, of ends, and of entities, with all weights created.

        h = encode([x; matches]),  s_t, e_nt = pointers(h)
        q = query([x; features]),  d = description(x')
        r = w . relu(W [match(q, d); mean of q over the mention] + b) + c

    where x and x' are the embedded characters of a text and of the description of an entity.

    Args:
        spec: the section `model`.
        characters: size of the character vocabulary.
    """

    def __init__(self, spec: LinkerSection, *, characters: int) -> None:
        super().__init__(name="linker")
        self.match = spec.match
        self.embedding = TokenEmbedding(
            characters, spec.embedding.dim, dropout=spec.embedding.dropout, name="embedding"
        )
        self.encoder = build_blocks("encoder", spec.encoder)
        self.pointer = HalfPointer(spec.pointer, name="pointer")
        self.query = build_blocks("query", spec.query)
        self.description = build_blocks("description", spec.description)
        self.matcher = AttentionMatcher(spec.attention.heads, spec.attention.head_dim, name="matcher")
        self.span_mean = SpanMean(name="span_mean")
        self.drop = keras.layers.Dropout(spec.dropout, name="dropout")
        self.hidden = keras.layers.Dense(spec.hidden, activation="relu", name="hidden")
        self.head = keras.layers.Dense(1, dtype="float32", name="head")
        ids, mask = tf.zeros((1, 2), tf.int32), tf.ones((1, 2), tf.bool)
        self(
            {
                "char": ids,
                "mask": mask,
                "matches": tf.ones((1, 2, MATCHES), tf.uint8),
                "query": tf.ones((1, 2, QUERY), tf.uint8),
                "span": tf.constant([[0, 1]]),
                "second.char": ids,
                "second.mask": mask,
            }
        )

    def call(self, batch: Batch, training: bool = False) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """The logits of starts (B, T), of ends for the first position (B, 1, T), and of entities (B,)."""
        x = self.embedded(batch, training)
        first = tf.zeros_like(batch["char"][:, :1])
        return *self.pointers(batch, x, first, training), self.link(batch, x, training)

    def embedded(self, batch: Batch, training: bool = False) -> tf.Tensor:
        """The characters `char` (B, T) of texts, (B, T, D)."""
        return self.embedding(batch["char"], mask=batch["mask"], training=training)

    def pointers(
        self, batch: Batch, x: tf.Tensor, starts: tf.Tensor, training: bool = False
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Logits of starts (B, T), and of ends for given starts (B, N): (B, N, T), float32.

        Args:
            batch: `mask` (B, T), and `matches` (B, T, 2): whether a name of the dictionary begins or ends.
            x: what `embedded` gives.
            starts: see above.
        """
        mask = batch["mask"]
        if not self.match:
            return self.pointer(run_blocks(self.encoder, x, mask, training), starts, mask=mask)
        matches = batch["matches"]
        x = ops.concatenate([x, ops.cast(matches, x.dtype)], -1)
        begins, ends = self.pointer(run_blocks(self.encoder, x, mask, training), starts, mask=mask)
        allowed = tf.cast(matches, tf.bool)
        closing = tf.expand_dims(allowed[..., 1], 1)
        return tf.where(allowed[..., 0], begins, HIDDEN), tf.where(closing, ends, HIDDEN)

    def link(self, batch: Batch, x: tf.Tensor, training: bool = False) -> tf.Tensor:
        """The logit of each entity for its mention, (B,) float32.

        Args:
            batch: `mask` (B, T), `query` (B, T, 4) features of mention and entity, `span` (B, 2) the mention;
                `second.char` (B, L), `second.mask` the description of the entity.
            x: what `embedded` gives.
        """
        mask, other = batch["mask"], batch["second.mask"]
        q = ops.concatenate([x, ops.cast(batch["query"], x.dtype)], -1)
        q = run_blocks(self.query, q * tf.expand_dims(ops.cast(mask, q.dtype), 2), mask, training)
        d = self.embedding(batch["second.char"], mask=other, training=training)
        d = run_blocks(self.description, d, other, training)
        mention = self.span_mean(q, batch["span"][:, None], mask=mask)[:, 0]
        found = ops.concatenate([self.matcher(q, d, mask, other), mention], -1)
        return self.head(self.hidden(self.drop(found, training=training)))[:, 0]


class LinkerLearner(Learner[Linker]):
    """A linker with its objective, and its two prediction graphs."""

    def __init__(self, model: Linker, objective: Loss) -> None:
        super().__init__(model, objective)
        self._pointers = Compiled(self._traced_pointers)
        self._links = Compiled(self._traced_links)

    def values(self, batch: Batch, training: bool) -> Mapping[str, tf.Tensor]:
        """Logits and targets of a batch, which also has `mention` (B, N, 2) and `mention.mask`: the mentions.

        `link` (B,) is whether the entity of the description is the one meant by the mention of `span`;
        `sampled` (B,) whether there is such a mention.
        """
        mask, spans, there = batch["mask"], batch["mention"][..., :2], batch["mention.mask"]
        length = tf.shape(mask)[1]
        x = self.model.embedded(batch, training)
        begins, ends = (
            tf.one_hot(tf.where(there, place, -1), length, dtype=tf.int32)
            for place in (spans[..., 0], spans[..., 1] - 1)
        )
        starts = tf.where(there, spans[..., 0], -1)
        if self.model.pointer.units is None:  # ends of all mentions at once, as those of a start at 0
            starts = tf.zeros_like(batch["char"][:, :1])
            ends = tf.reduce_max(tf.pad(ends, [[0, 0], [0, 1], [0, 0]]), 1, keepdims=True)
        start_logit, end_logit = self.model.pointers(batch, x, starts, training)
        possible = (starts[..., None] >= 0) & (tf.range(length) >= starts[..., None]) & mask[:, None]
        # Mentions that the dictionary does not match cannot be found: they are no targets.
        start_target = tf.reduce_max(tf.pad(begins, [[0, 0], [0, 1], [0, 0]]), 1)
        return {
            "mask": mask,
            "start_logit": start_logit,
            "start_target": start_target * tf.cast(start_logit > HIDDEN, tf.int32),
            "end_logit": tf.transpose(end_logit, (0, 2, 1)),
            "end_target": tf.transpose(ends * tf.cast(end_logit > HIDDEN, tf.int32), (0, 2, 1)),
            "end_possible": tf.transpose(possible, (0, 2, 1)),
            "link_logit": self.model.link(batch, x, training),
            "link_target": batch["link"],
            "link_sampled": batch["sampled"],
        }

    def pointers(self, batch: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Probabilities (B, T, 1 + T) of each position as a start, then of all as its end; and zeros (B,)."""
        return self._pointers(tensors(batch)).numpy(), np.zeros(len(batch["mask"]), np.float32)

    def links(self, batch: Mapping[str, np.ndarray]) -> np.ndarray:
        """The probability of each entity, (B,) float32."""
        return self._links(tensors(batch)).numpy()

    def exportable(self, fields: Mapping[str, Field]) -> Exportable:
        """The graphs `pointers` and `links`."""
        texts = batch_inputs(fields, ["char", "matches"])
        pairs = {name: texts[name] for name in ("char", "mask")}
        pairs |= {f"second.{name}": spec for name, spec in pairs.items()}
        pairs["query"] = tf.TensorSpec((None, None, QUERY), tf.uint8)
        pairs["span"] = tf.TensorSpec((None, 2), tf.int32)
        return Exportable(
            {
                "pointers": InferenceGraph(self._traced_pointers, texts, ("pointers",)),
                "links": InferenceGraph(self._traced_links, pairs, ("links",)),
            }
        )

    def _traced_links(self, batch: Batch) -> tf.Tensor:
        return ops.sigmoid(self.model.link(batch, self.model.embedded(batch)))

    def _traced_pointers(self, batch: Batch) -> tf.Tensor:
        places = tf.zeros_like(batch["char"]) + tf.range(tf.shape(batch["char"])[1])
        starts, ends = self.model.pointers(batch, self.model.embedded(batch), places)
        return ops.sigmoid(tf.concat([tf.expand_dims(starts, 2), ends], -1))
