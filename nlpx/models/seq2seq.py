"""The sequence-to-sequence model: encoder -> recurrent decoder with cross attention -> softmax."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import keras
import tensorflow as tf

from nlpx.layers.cross_attention import CrossAttention
from nlpx.layers.cross_entropy import sparse_cross_entropy
from nlpx.layers.dropout import Dropout
from nlpx.layers.masking import HIDDEN, masked_max
from nlpx.layers.modulated_norm import Modulation
from nlpx.layers.pointer import CoveredPointer, Pointed, Pointer
from nlpx.layers.recurrent_stack import RecurrentStack, States
from nlpx.layers.sums import sums_at
from nlpx.layers.token_embedding import TokenEmbedding
from nlpx.layers.vocabulary_prior import VocabularyPrior
from nlpx.models.blocks import build_blocks, run_blocks
from nlpx.models.built_by_call import BuiltByCall
from nlpx.specs.seq2seq import InputNoise, Seq2SeqSection

LEAK = 0.2
SMALLEST = 1e-37
"""Lower bound of probabilities, which keeps their logarithm finite."""


class Memory(NamedTuple):
    """The encoded text as the decoder reads it, computed once.

    Attributes:
        ids: ids of the characters, (B, T) int32.
        mask: (B, T) bool.
        prior: bias of all tokens, (B, 1, V); None without a prior.
        pointer: keys of the pointer, (B, T, d); None without one.
    """

    ids: tf.Tensor
    mask: tf.Tensor
    attention: tuple[tf.Tensor, tf.Tensor]
    modulations: tuple[Modulation, ...]
    prior: tf.Tensor | None
    pointer: tf.Tensor | None


class Scores(NamedTuple):
    """Scores of the next token at S positions: logits (B, S, V) float32, and the output of the pointer."""

    logits: tf.Tensor
    pointed: Pointed | None


class Told(NamedTuple):
    """The state of K hypotheses between tokens; `covered` is empty without coverage."""

    states: States
    covered: tuple[tf.Tensor, ...]


class Seq2Seq(BuiltByCall):
    """p(title | text) = prod_t p(title_t | text, title_<t).

    The embedding has two more rows than the vocabulary, for the ids `start` and `end`. With a prior
    y of the text's characters and u the scores of the decoder, logits = (u + y) / 2. All weights are created.
    """

    def __init__(self, spec: Seq2SeqSection, characters: int, covered: bool = False) -> None:
        super().__init__(name="seq2seq")
        # The order of creation determines initial weights, that of assignment the order of variables.
        encoder = build_blocks("encoder", spec.encoder)
        self.start, self.end = characters, characters + 1
        size, dim, decoder = characters + 2, spec.embedding.dim, spec.decoder
        self.embedding = TokenEmbedding(size, dim, dropout=spec.embedding.dropout, name="embedding")
        self.encoder = encoder
        self.decoder = RecurrentStack(
            decoder.units, decoder.layers, decoder.cell, decoder.modulation, name="decoder"
        )
        self.drop = Dropout(decoder.dropout, name="dropout")
        self.attention = CrossAttention(spec.attention.heads, spec.attention.head_dim, name="attention")
        self.hidden = keras.layers.Dense(dim, name="hidden")
        self.tied = spec.tied
        self.output_bias = self.add_weight((size,), initializer="zeros", name="bias") if spec.tied else None
        self.projection = None if spec.tied else keras.layers.Dense(size, name="projection")
        self.prior = VocabularyPrior(size, name="prior") if spec.prior else None
        copying = CoveredPointer if covered else Pointer
        self.pointer = copying(spec.pointer, name="pointer") if spec.pointer else None
        self.noise = spec.noise
        self.noise_seed = keras.random.SeedGenerator() if spec.noise else None
        names = ("char", "prior.char", "title.char")
        empty = {name: tf.zeros((1, 2), tf.int32) for name in names}
        masks = {name: tf.ones((1, 2), tf.bool) for name in ("mask", "prior.mask", "title.mask")}
        self({**empty, **masks})

    def call(self, batch: Mapping[str, tf.Tensor], training: bool = False) -> Scores:
        """Scores of every token of the titles, given the ones before it.

        Args:
            batch: `char` (B, T), `mask` (B, T), `prior.char` (B, P) with the distinct ids of the text,
                `prior.mask`, `title.char` (B, S) with `end` as the last id of every title, and `title.mask`.
        """
        return self.teach(self.encode(batch, training), batch, training)

    def encode(self, batch: Mapping[str, tf.Tensor], training: bool = False) -> Memory:
        """Encode the texts."""
        ids, mask = batch["char"], batch["mask"]
        x = self.embedding(ids, mask=mask, training=training)
        x = run_blocks(self.encoder, x, mask, training)
        summary = masked_max(x, mask)
        if not self.decoder.built:
            shape = (*x.shape[:-1], self.embedding.dim)
            self.decoder.build(shape, summary.shape)
            self.attention.build((*shape[:-1], self.decoder.units), x.shape)
        prior = None if self.prior is None else self.prior(batch["prior.char"], batch["prior.mask"])
        if self.pointer is not None and not self.pointer.built:
            self.pointer.build((*x.shape[:-1], self.decoder.units + self.attention.width), x.shape)
        keys = None if self.pointer is None else self.pointer.key(x)
        modulations = self.decoder.modulations(summary)
        return Memory(ids, mask, self.attention.memory(x), modulations, prior, keys)

    def teach(self, memory: Memory, batch: Mapping[str, tf.Tensor], training: bool = False) -> Scores:
        """Scores of every token of the titles, given the ones before it."""
        title = batch["title.char"]
        told = title
        if training and self.noise is not None:
            told = self.noisy(title, batch["title.mask"], self.noise)
        first = tf.fill((tf.shape(title)[0], 1), self.start)
        x = self.embedding(tf.concat([first, told[:, :-1]], 1), training=training)
        found = self._found(self.decoder.sequence(x, memory.modulations), memory, training)
        pointed = None
        if self.pointer is not None:
            pointed = self.pointer.whole(found, memory.pointer, memory.mask)
        return Scores(self._logits(found, memory), pointed)

    def untold(self, memory: Memory, hypotheses: int) -> Told:
        """The state before the first token."""
        rows, length = tf.unstack(tf.shape(memory.ids))
        covered = () if self.pointer is None else self.pointer.uncovered(rows, hypotheses, length)
        return Told(self.decoder.zeros(rows, hypotheses), covered)

    def step(self, memory: Memory, tokens: tf.Tensor, told: Told) -> tuple[tf.Tensor, Told]:
        """Log-probabilities (B, K, V) after one more token (B, K) of each hypothesis, and the new state."""
        y, states = self.decoder.step(self.embedding(tokens), told.states, memory.modulations)
        found, pointed, covered = self._found(y, memory), None, told.covered
        if self.pointer is not None:
            pointed = self.pointer.step(found, memory.pointer, memory.mask, covered)
            covered = pointed.covered
        return self.log_probs(Scores(self._logits(found, memory), pointed), memory), Told(states, covered)

    def nll(self, scores: Scores, memory: Memory, targets: tf.Tensor) -> tf.Tensor:
        """-log p of each target, (B, S) float32 in nats."""
        written = sparse_cross_entropy(targets, scores.logits)
        if scores.pointed is None:
            return written
        weights, gate = scores.pointed.log_weights, scores.pointed.gate
        same = (memory.ids[:, None, :] == targets[:, :, None]) & memory.mask[:, None, :]
        copied = tf.reduce_logsumexp(tf.where(same, weights, HIDDEN), -1)
        return -tf.experimental.numpy.logaddexp(
            tf.math.log_sigmoid(gate) - written, tf.math.log_sigmoid(-gate) + copied
        )

    def log_probs(self, scores: Scores, memory: Memory) -> tf.Tensor:
        """log p of all tokens, (B, S, V) float32."""
        if scores.pointed is None:
            return tf.nn.log_softmax(scores.logits)
        shape = tf.shape(scores.logits)
        gate = tf.expand_dims(scores.pointed.gate, 2)
        # 1 - share has no correct digit where hardly anything is copied, and neither has the sigmoid of
        # onnxruntime.
        share, rest = (tf.exp(tf.math.log_sigmoid(each)) for each in (gate, -gate))
        weights = tf.exp(scores.pointed.log_weights) * tf.cast(tf.expand_dims(memory.mask, 1), tf.float32)
        weights *= rest
        # The weight of position t is added to the token at that position.
        flat = tf.expand_dims(tf.range(shape[0] * shape[1]), 1) * shape[2]
        ids = tf.reshape(tf.repeat(tf.expand_dims(memory.ids, 1), shape[1], 1), (shape[0] * shape[1], -1))
        copied = sums_at(tf.reshape(flat + ids, [-1]), tf.reshape(weights, [-1]), tf.reduce_prod(shape))
        mixed = share * tf.nn.softmax(scores.logits) + tf.reshape(copied, shape)
        return tf.math.log(tf.maximum(mixed, SMALLEST))

    def _found(self, y: tf.Tensor, memory: Memory, training: bool = False) -> tf.Tensor:
        """The outputs of the decoder, concatenated with the attended vectors."""
        y = self.drop(y, training=training)
        return tf.concat([y, self.attention.attend(y, memory.attention, memory.mask)], -1)

    def _logits(self, found: tf.Tensor, memory: Memory) -> tf.Tensor:
        hidden = tf.nn.leaky_relu(self.hidden(found), LEAK)
        if self.projection is None:
            table = tf.cast(self.embedding.embeddings, hidden.dtype)
            logits = tf.einsum("bsd,vd->bsv", hidden, table) + tf.cast(self.output_bias, hidden.dtype)
        else:
            logits = self.projection(hidden)
        logits = tf.cast(logits, tf.float32)
        if memory.prior is not None:
            logits = (logits + tf.cast(memory.prior, tf.float32)) / 2
        return logits

    def noisy(self, title: tf.Tensor, mask: tf.Tensor, noise: InputNoise) -> tf.Tensor:
        """Titles with noise: in some of them, characters are replaced by others of the same title."""
        shape = tf.shape(title)
        lengths = tf.reduce_sum(tf.cast(mask, tf.float32), 1, keepdims=True) - 1  # without the end
        row, token, place = (
            keras.random.uniform(size, seed=self.noise_seed)
            for size in ((shape[0], 1), (shape[0], shape[1]), (shape[0], shape[1]))
        )
        others = tf.gather(title, tf.cast(place * tf.maximum(lengths, 0), tf.int32), batch_dims=1)
        return tf.where((row < noise.rows) & (token < noise.tokens), others, title)
