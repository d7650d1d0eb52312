"""Connectionist temporal classification."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.losses.base import Loss, Term, Values
from nlpx.core.lazy import ops, tf

BLANK, NEVER = 0, -1e9
"""Class of the blank, and a logarithm of 0 whose gradient is finite."""


class CTC(Loss):
    """-log of the probability that frames spell a transcript, over all alignments of both.

    An alignment has one label per frame; without repetitions of neighbours, then without blanks (class 0), it
    is the transcript.

    Options: none.
    Shapes: logits (B, T, U), mask (B, T) bool of frames, right-padded, transcript (B, S) int from 1, its
        length (B,) int -> sum and number of rows.
    Data: sequences of frames with a shorter sequence of labels whose positions are unknown, such as lines of
        handwriting. A row with fewer frames than labels and repeated neighbours has no alignment, and is
        left out.
    Relations: equals keras.ops.ctc_loss, which is traced again, in seconds, for every shape, and gives rows
        without alignment a finite loss and a gradient. At first, models learn to give blanks only, and the
        loss stays for some hundred updates. Takes T * S numbers of memory per row. Decoders: ctc_greedy,
        ctc_beam.
    Reference: Graves et al. 2006.
    Example:
        loss: ctc
    """

    needs: ClassVar[frozenset[str]] = frozenset({"logits", "transcript", "transcript_length"})

    type: Literal["ctc"] = "ctc"

    def terms(self, values: Values, step: tf.Tensor | int) -> dict[str, Term]:
        names = ("logits", "mask", "transcript", "transcript_length")
        losses, used = alignment_nll(*(values[name] for name in names))
        return {"loss": Term(ops.sum(losses), ops.sum(ops.cast(used, "float32")))}


def alignment_nll(
    logits: tf.Tensor, mask: tf.Tensor, labels: tf.Tensor, count: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """-log p(transcript) of each row, (B,) float32, 0 where there is no alignment; and where there is, (B,).

    The forward recursion over places: the labels, and a blank before, between and after them. A path stays at
    its place, moves to the next one, or skips a blank between different labels.

    Args:
        logits: (B, T, U).
        mask: of frames, (B, T) bool, right-padded.
        labels: transcripts, (B, S) int32.
        count: their lengths, (B,) int32.
    """
    rows, most = tf.unstack(tf.shape(labels))
    blanks = tf.fill((rows, most + 1), BLANK)
    pairs = tf.stack([blanks[:, 1:], tf.cast(labels, tf.int32)], -1)
    spelled = tf.concat([tf.reshape(pairs, (rows, 2 * most)), blanks[:, :1]], 1)
    lengths = tf.reduce_sum(tf.cast(mask, tf.int32), 1, keepdims=True)
    skips = (spelled != BLANK) & (spelled != _moved(spelled, 2, BLANK))
    scores = tf.gather(tf.nn.log_softmax(logits), spelled, axis=2, batch_dims=1)

    def after(before: tf.Tensor, frame: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
        score, number = frame
        skipped = tf.where(skips, _moved(before, 2, NEVER), NEVER)
        ways = tf.stack([before, _moved(before, 1, NEVER), skipped])
        return tf.where(number < lengths, tf.reduce_logsumexp(ways, 0) + score, before)

    places = tf.range(2 * most + 1)[None]
    start = tf.where(tf.broadcast_to(places == 0, tf.shape(spelled)), 0.0, NEVER)
    frames = tf.transpose(scores, (1, 0, 2)), tf.range(tf.shape(scores)[1])
    reached = tf.foldl(after, frames, start)
    last = (places == 2 * count[:, None]) | (places == 2 * count[:, None] - 1)
    total = tf.reduce_logsumexp(tf.where(last, reached, NEVER), 1)
    used = tf.reduce_any(mask, 1) & (total > NEVER / 2)
    return tf.where(used, -total, 0.0), used


def _moved(x: tf.Tensor, by: int, filled: float) -> tf.Tensor:
    """x (B, L) moved to the right."""
    return tf.pad(x, [(0, 0), (by, 0)], constant_values=filled)[:, : tf.shape(x)[1]]
