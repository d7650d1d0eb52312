"""Beam search over batches, in one loop of a graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from nlpx.components.decoders.largest import largest
from nlpx.components.decoders.open_rows import while_open
from nlpx.components.decoders.sequence import Hypotheses, SequenceDecoder, Step
from nlpx.core.lazy import np, tf
from nlpx.core.options import NonNegativeFloat, PositiveInt

IMPOSSIBLE = -float("inf")


class Beam(SequenceDecoder):
    """Beam search: the text with the greatest log p / length^alpha among those that a beam reaches.

    The text is encoded once. Rows and beams advance together in one compiled loop that carries the states of
    the decoder, and settled rows leave it. A finished text keeps its place in the beam and is never extended.
    If none ends in time, the best unfinished one is the prediction.

    Options:
        size: hypotheses of every row; 1 is greedy decoding.
        alpha: exponent of the length, the end counted; 0 compares plain log-probabilities, so that short
            texts win.
    Shapes: texts (B, T) -> (B, at most max_length) characters.
    Data: any text.
    Relations: the original kept 3 beams, with alpha 0, and ran the whole model again for every character.
    Reference: Sutskever et al. 2014, arXiv 1409.3215; Wu et al. 2016, arXiv 1609.08144; Paulus et al. 2017,
        arXiv 1705.04304 (n-grams); kexue.fm archives 5861 and 7259.
    Example:
        decode: {type: beam, size: 4, alpha: 1.0, max_length: 48}
    """

    type: Literal["beam"] = "beam"
    size: PositiveInt = 4
    alpha: NonNegativeFloat = 1.0

    @property
    def width(self) -> int:
        return self.size

    def decode(
        self,
        step: Step,
        memory: Any,
        states: Any,
        uniforms: tf.Tensor,
        *,
        start: int,
        end: int,
        banned: Sequence[int],
    ) -> Hypotheses:
        rows = tf.shape(tf.nest.flatten(states)[0])[0]
        beam = _Beam(
            tokens=tf.fill((rows, self.size, self.max_length), start),
            lengths=tf.zeros((rows, self.size), tf.int32),
            scores=tf.concat([tf.zeros((rows, 1)), tf.fill((rows, self.size - 1), IMPOSSIBLE)], 1),
            finished=tf.zeros((rows, self.size), tf.bool),
            stuck=tf.zeros((rows,), tf.bool),
        )

        def unsettled(beam: _Beam) -> tf.Tensor:
            """Whether a live hypothesis may still overtake the best finished one of its row.

            Its score only falls and its length is at most L, so it ends at most at score / L^alpha.
            """
            live = tf.where(beam.finished | beam.stuck[:, None], IMPOSSIBLE, beam.scores)
            hope = tf.reduce_max(live, 1) / float(self.max_length) ** self.alpha
            return hope > tf.reduce_max(self._ranks(beam), 1)

        def extend(time: tf.Tensor, memory: Any, beam: _Beam, states: Any) -> tuple[_Beam, Any]:
            last = tf.gather(beam.tokens, tf.maximum(time - 1, 0), axis=-1)
            log_probs, states = step(memory, last, states)
            allowed = self.allowed(log_probs, beam.tokens, time, end, banned)
            return _extended(beam, allowed, states, time, end)

        beam = while_open(unsettled, extend, memory, beam, states, self.max_length)
        # A live hypothesis is only taken where nothing is finished.
        unfinished = tf.where(beam.finished, IMPOSSIBLE, beam.scores)
        any_finished = tf.reduce_any(beam.finished, 1)
        ranks = tf.where(any_finished[:, None], self._ranks(beam), unfinished)
        best = tf.argmax(ranks, 1, tf.int32)
        tokens, lengths, scores = (
            tf.gather(part, best, batch_dims=1) for part in (beam.tokens, beam.lengths, beam.scores)
        )
        return Hypotheses(tokens, lengths - tf.cast(any_finished, tf.int32), any_finished, scores)

    def write(
        self,
        step: Any,
        memory: Sequence[np.ndarray],
        states: Sequence[np.ndarray],
        uniforms: np.ndarray,
        *,
        start: int,
        end: int,
        banned: Sequence[int],
    ) -> Hypotheses:
        from nlpx.components.decoders.writing import beam_search

        return beam_search(self, step, memory, states, start=start, end=end, banned=banned)

    def _ranks(self, beam: _Beam) -> tf.Tensor:
        """score / length^alpha of the finished hypotheses, -inf for the others, (B, K)."""
        lengths = tf.cast(tf.maximum(beam.lengths, 1), tf.float32)
        return tf.where(beam.finished, beam.scores / lengths**self.alpha, IMPOSSIBLE)


class _Beam(NamedTuple):
    """K hypotheses of every row. Those of score -inf are empty places.

    Attributes:
        tokens: (B, K, L) int32.
        lengths: tokens of each, the end included, (B, K) int32.
        scores: sum of log p of the tokens, (B, K) float32.
        finished: whether the last token is the end, (B, K) bool.
        stuck: whether nothing is finished, and no hypothesis may be extended, (B,) bool.
    """

    tokens: Any
    lengths: Any
    scores: Any
    finished: Any
    stuck: Any


def _extended(beam: _Beam, log_probs: tf.Tensor, states: Any, time: tf.Tensor, end: int) -> tuple[_Beam, Any]:
    """The beam, and the states of its hypotheses, after one more token of its live hypotheses."""
    size = beam.tokens.shape[1]
    live = tf.where(beam.finished, IMPOSSIBLE, beam.scores)
    # The best extensions are among the best ones of each hypothesis.
    each = min(size, log_probs.shape[-1])
    candidates, tokens = largest(log_probs, each)
    scores, places = tf.math.top_k(tf.reshape(live[..., None] + candidates, (-1, size * each)), size)
    # Finished hypotheses come first, in their order; then the extensions, the best first.
    keep = tf.where(beam.finished, float("inf"), IMPOSSIBLE)
    _, chosen = tf.math.top_k(tf.concat([keep, scores], 1), size)
    old = chosen < size
    done = tf.where(beam.finished, beam.scores, IMPOSSIBLE)
    scores = tf.gather(tf.concat([done, scores], 1), chosen, batch_dims=1)
    same = tf.broadcast_to(tf.range(size), tf.shape(places))
    parents = tf.gather(tf.concat([same, places // each], 1), chosen, batch_dims=1)
    new = tf.gather(tf.reshape(tokens, (-1, size * each)), places, batch_dims=1)
    added = tf.gather(tf.concat([tf.zeros_like(new), new], 1), chosen, batch_dims=1)

    def inherited(part: tf.Tensor) -> tf.Tensor:
        return tf.gather(part, parents, batch_dims=1)

    here = (tf.range(beam.tokens.shape[-1]) == time) & ~old[..., None]
    ended = ~old & (added == end) & (scores > IMPOSSIBLE)
    after = (
        tf.where(here, added[..., None], inherited(beam.tokens)),
        tf.where(old, inherited(beam.lengths), time + 1),
        scores,
        ended | (old & inherited(beam.finished)),
    )
    # A row in which nothing could be extended stays as it was.
    stuck = beam.stuck | ~tf.reduce_any(scores > IMPOSSIBLE, 1)
    tokens, lengths, scores, finished = (
        tf.where(tf.reshape(stuck, (-1, *[1] * (new.shape.rank - 1))), was, new)
        for was, new in zip(beam, after, strict=False)
    )
    extended = _Beam(tokens, lengths, scores, finished, stuck)
    return extended, tf.nest.map_structure(inherited, states)
