"""Connectionist temporal classification."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.losses.base import Loss, Term, Values
from nlpx.core.lazy import ops, tf

BLANK = 0


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
    Relations: keras.ops.ctc_loss, which gives rows without alignment a finite loss and a gradient. No task
        gives transcripts yet; it is usable as a function of values. Takes T * S numbers of memory per row.
    Reference: Graves et al. 2006.
    Example:
        loss: ctc
    """

    needs: ClassVar[frozenset[str]] = frozenset({"logits", "transcript", "transcript_length"})

    type: Literal["ctc"] = "ctc"

    def terms(self, values: Values, step: tf.Tensor | int) -> dict[str, Term]:
        logits, labels, count = values["logits"], values["transcript"], values["transcript_length"]
        frames = ops.sum(ops.cast(values["mask"], "int32"), 1)
        inside = ops.arange(ops.shape(labels)[1])[None] < count[:, None]
        again = ops.logical_and(labels[:, 1:] == labels[:, :-1], inside[:, 1:])
        needed = count + ops.sum(ops.cast(again, "int32"), 1)
        used = ops.logical_and(frames > 0, frames >= needed)
        # Rows that are left out get a transcript that fits, so that no gradient is undefined.
        safe = ops.where(used, count, 0), ops.where(used, frames, 1)
        losses = ops.ctc_loss(ops.where(inside, labels, BLANK), logits, *safe, mask_index=BLANK)
        return {"loss": Term(ops.sum(ops.where(used, losses, 0.0)), ops.sum(ops.cast(used, "float32")))}
