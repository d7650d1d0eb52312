"""Texts drawn at random, in one loop of a graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, NamedTuple
from zlib import crc32

from pydantic import Field

from nlpx.components.decoders.open_rows import while_open
from nlpx.components.decoders.sequence import Hypotheses, SequenceDecoder, Step
from nlpx.core.lazy import np, tf
from nlpx.core.options import NonNegativeInt, PositiveFloat, PositiveInt


class Sample(SequenceDecoder):
    """Draws every character from the model's distribution, restricted to the most probable ones.

    One uniform number u decides a character: among those sorted by falling probability, it is the first whose
    cumulative share exceeds u. The numbers of a text only depend on the seed and the text, so that its
    prediction is the same in every batch. If no character may come next, the prediction stays unfinished.

    Options:
        top_k: keep this many characters; empty keeps all.
        top_p: keep the fewest characters whose probabilities sum to this.
        temperature: below 1 probable characters become more so, above 1 less.
        seed: of the draw; the same seed and text give the same prediction.
    Shapes: texts (B, T) -> (B, at most max_length) characters.
    Data: any text.
    Relations: top_k 1 is greedy decoding.
    Reference: Fan et al. 2018, arXiv 1805.04833 (k); Holtzman et al. 2020, arXiv 1904.09751 (p).
    Example:
        decode: {type: sample, top_p: 0.8, seed: 7}
    """

    type: Literal["sample"] = "sample"
    top_k: PositiveInt | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] = 0.9
    temperature: PositiveFloat = 1.0
    seed: NonNegativeInt = 2026

    def uniforms(self, texts: Sequence[str]) -> np.ndarray:
        seeds = ([self.seed, crc32(text.encode("utf-8", "surrogatepass"))] for text in texts)
        rows = [np.random.default_rng(seed).random(self.max_length, np.float32) for seed in seeds]
        return np.stack(rows) if rows else np.zeros((0, self.max_length), np.float32)

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
        rows = tf.shape(uniforms)[0]

        def open_(drawn: _Drawn) -> tf.Tensor:
            return ~(drawn.finished | drawn.stuck)

        def draw(time: tf.Tensor, memory: Any, before: _Drawn, states: Any) -> tuple[_Drawn, Any]:
            known, uniforms = memory
            last = tf.gather(before.tokens, tf.maximum(time - 1, 0), axis=-1)
            log_probs, states = step(known, last, states)
            allowed = self.allowed(log_probs, before.tokens, time, end, banned)[:, 0]
            nothing = ~tf.reduce_any(allowed > -float("inf"), 1)
            # Where nothing may come, any token is drawn, and not counted.
            drawn = self._drawn(tf.where(nothing[:, None], 0.0, allowed), tf.gather(uniforms, time, axis=1))
            gained = tf.gather(log_probs[:, 0], drawn, batch_dims=1)
            stuck = before.stuck | (nothing & ~before.finished)
            counted = ~(before.finished | stuck)
            ended = counted & (drawn == end)
            after = _Drawn(
                tf.where(tf.range(self.max_length) == time, drawn[:, None, None], before.tokens),
                before.lengths + tf.cast(counted & ~ended, tf.int32),
                before.finished | ended,
                before.scores + tf.where(counted, gained, 0.0),
                stuck,
            )
            return after, states

        zero, no = tf.zeros((rows,), tf.int32), tf.zeros((rows,), tf.bool)
        tokens = tf.fill((rows, 1, self.max_length), start)
        drawn = _Drawn(tokens, zero, no, tf.zeros((rows,)), no)
        drawn = while_open(open_, draw, (memory, uniforms), drawn, states, self.max_length)
        return Hypotheses(drawn.tokens[:, 0], drawn.lengths, drawn.finished, drawn.scores)

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
        from nlpx.components.decoders.writing import sample

        return sample(self, step, memory, states, uniforms, start=start, end=end, banned=banned)

    def _drawn(self, log_probs: tf.Tensor, uniforms: tf.Tensor) -> tf.Tensor:
        """One token (B,) int32 by log-probabilities (B, V) and numbers (B,)."""
        size = tf.shape(log_probs)[-1]
        kept = size if self.top_k is None else tf.minimum(self.top_k, size)
        scores, ids = tf.math.top_k(log_probs / self.temperature, kept)
        shares = tf.nn.softmax(scores)
        before = tf.cumsum(shares, 1, exclusive=True)
        shares = tf.where(before < self.top_p, shares, 0.0)
        ends = tf.cumsum(shares, 1)
        passed = ends <= uniforms[:, None] * ends[:, -1:]
        # Rounding may let a number pass all ends: the last token with a share is then meant.
        last = tf.reduce_sum(tf.cast(shares > 0, tf.int32), 1) - 1
        index = tf.minimum(tf.reduce_sum(tf.cast(passed, tf.int32), 1), last)
        return tf.gather(ids, index, batch_dims=1)


class _Drawn(NamedTuple):
    """`Hypotheses` with tokens (B, 1, L), and whether nothing may come next though the end was not drawn."""

    tokens: Any
    lengths: Any
    finished: Any
    scores: Any
    stuck: Any
