"""Beam search over batches, in one loop of a graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import tensorflow as tf

from nlpx.decoding.constraints import Constraints
from nlpx.decoding.sequence import Hypotheses, SequenceDecoder, Step

IMPOSSIBLE = -float("inf")


class Beam(NamedTuple):
    """K hypotheses of every row. Those of score -inf are empty places.

    Attributes:
        tokens: (B, K, L) int32.
        lengths: tokens of each, the end included, (B, K) int32.
        scores: sum of log p of the tokens, (B, K) float32.
        finished: whether the last token is the end, (B, K) bool.
        stuck: whether nothing is finished, and no hypothesis may be extended, (B,) bool.
        states: of the model, (B, K, ...).
    """

    tokens: tf.Tensor
    lengths: tf.Tensor
    scores: tf.Tensor
    finished: tf.Tensor
    stuck: tf.Tensor
    states: Any


class BeamSearch(SequenceDecoder):
    """The answer with the greatest score / length^alpha among those that a beam meets.

    At every step the live hypotheses are extended by every token, and the best of all extensions take the
    places that finished hypotheses leave; a finished one keeps its place and is never extended. So a beam of
    size 1 is greedy decoding. A row ends when nothing is live, or when no live hypothesis can overtake the
    best finished one: its score only falls and its length is at most L, so it ends at most at
    score / L^alpha. Where no hypothesis ends within L tokens, or before none may be extended, the best
    unfinished one is the answer.

    Args:
        size: K.
        alpha: exponent of the length, the end counted; 0 compares plain log-probabilities.
        min_length: tokens before the end.
        max_length: L, most tokens, the end among them.
        block_ngrams: n; no n-gram comes twice in an answer. 0 blocks nothing.

    Source: Sutskever et al. 2014, arXiv 1409.3215; length: Wu et al. 2016, arXiv 1609.08144; n-grams:
    Paulus et al. 2017, arXiv 1705.04304; kexue.fm archives 5861 and 7259.
    """

    def __init__(
        self,
        size: int = 4,
        alpha: float = 1.0,
        min_length: int = 1,
        max_length: int = 64,
        block_ngrams: int = 0,
    ) -> None:
        self.width = size
        self.alpha = alpha
        self.min_length = min_length
        self.max_length = max_length
        self.block_ngrams = block_ngrams

    def decode(
        self,
        step: Step,
        states: Any,
        uniforms: tf.Tensor,
        *,
        start: int,
        end: int,
        banned: Sequence[int],
    ) -> Hypotheses:
        constraints = Constraints(end, banned, self.min_length, self.block_ngrams)
        rows = tf.shape(tf.nest.flatten(states)[0])[0]
        empty = tf.fill((rows, self.width - 1), IMPOSSIBLE)
        beam = Beam(
            tokens=tf.fill((rows, self.width, self.max_length), start),
            lengths=tf.zeros((rows, self.width), tf.int32),
            scores=tf.concat([tf.zeros((rows, 1)), empty], 1),
            finished=tf.zeros((rows, self.width), tf.bool),
            stuck=tf.zeros((rows,), tf.bool),
            states=states,
        )

        def unsettled(time: tf.Tensor, beam: Beam) -> tf.Tensor:
            live = tf.where(beam.finished | beam.stuck[:, None], IMPOSSIBLE, beam.scores)
            hope = tf.reduce_max(live, 1) / float(self.max_length) ** self.alpha
            return tf.reduce_any(hope > tf.reduce_max(self._ranks(beam), 1))

        def extend(time: tf.Tensor, beam: Beam) -> tuple[tf.Tensor, Beam]:
            last = tf.gather(beam.tokens, tf.maximum(time - 1, 0), axis=-1)
            log_probs, states = step(last, beam.states)
            allowed = constraints.apply(log_probs, beam.tokens, time)
            return time + 1, _unless_stuck(beam, _extended(beam, allowed, states, time, end))

        _, beam = tf.while_loop(unsettled, extend, (tf.constant(0), beam), maximum_iterations=self.max_length)
        # A live hypothesis is an answer only where nothing is finished.
        unfinished = tf.where(beam.finished, IMPOSSIBLE, beam.scores)
        any_finished = tf.reduce_any(beam.finished, 1)
        ranks = tf.where(any_finished[:, None], self._ranks(beam), unfinished)
        best = tf.argmax(ranks, 1, tf.int32)
        tokens, lengths, scores = (
            tf.gather(part, best, batch_dims=1) for part in (beam.tokens, beam.lengths, beam.scores)
        )
        return Hypotheses(tokens, lengths - tf.cast(any_finished, tf.int32), any_finished, scores)

    def _ranks(self, beam: Beam) -> tf.Tensor:
        """score / length^alpha of the finished hypotheses, -inf for the others, (B, K)."""
        lengths = tf.cast(tf.maximum(beam.lengths, 1), tf.float32)
        return tf.where(beam.finished, beam.scores / lengths**self.alpha, IMPOSSIBLE)


def _extended(beam: Beam, log_probs: tf.Tensor, states: Any, time: tf.Tensor, end: int) -> Beam:
    """The beam after one more token of its live hypotheses.

    Args:
        beam: before.
        log_probs: of every next token, (B, K, V).
        states: after the last tokens, (B, K, ...).
        time: position of the new tokens.
        end: token that ends an answer.
    """
    size, vocabulary = beam.tokens.shape[1], tf.shape(log_probs)[-1]
    live = tf.where(beam.finished, IMPOSSIBLE, beam.scores)
    extensions = tf.reshape(live[..., None] + log_probs, (-1, size * vocabulary))
    scores, found = tf.math.top_k(extensions, size)
    # Finished hypotheses come first, in their order; then the extensions, the best first.
    keep = tf.where(beam.finished, float("inf"), IMPOSSIBLE)
    _, chosen = tf.math.top_k(tf.concat([keep, scores], 1), size)
    old = chosen < size
    done = tf.where(beam.finished, beam.scores, IMPOSSIBLE)
    scores = tf.gather(tf.concat([done, scores], 1), chosen, batch_dims=1)
    places = tf.broadcast_to(tf.range(size), tf.shape(found))
    parents = tf.gather(tf.concat([places, found // vocabulary], 1), chosen, batch_dims=1)
    added = tf.gather(tf.concat([tf.zeros_like(found), found % vocabulary], 1), chosen, batch_dims=1)

    def inherited(part: tf.Tensor) -> tf.Tensor:
        return tf.gather(part, parents, batch_dims=1)

    here = (tf.range(beam.tokens.shape[-1]) == time) & ~old[..., None]
    ended = ~old & (added == end) & (scores > IMPOSSIBLE)
    return Beam(
        tokens=tf.where(here, added[..., None], inherited(beam.tokens)),
        lengths=tf.where(old, inherited(beam.lengths), time + 1),
        scores=scores,
        finished=ended | (old & inherited(beam.finished)),
        stuck=beam.stuck,
        states=tf.nest.map_structure(inherited, states),
    )


def _unless_stuck(beam: Beam, extended: Beam) -> Beam:
    """The extended beam; of a row in which nothing could be extended, the beam before, which then stays."""
    stuck = beam.stuck | ~tf.reduce_any(extended.scores > IMPOSSIBLE, 1)
    return Beam(
        tokens=tf.where(stuck[:, None, None], beam.tokens, extended.tokens),
        lengths=tf.where(stuck[:, None], beam.lengths, extended.lengths),
        scores=tf.where(stuck[:, None], beam.scores, extended.scores),
        finished=tf.where(stuck[:, None], beam.finished, extended.finished),
        stuck=stuck,
        states=extended.states,
    )
