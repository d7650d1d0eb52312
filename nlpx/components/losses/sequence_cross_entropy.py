"""Cross entropy of a generated text."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.losses.base import Loss, Term, Values
from nlpx.components.varying import Varying, now
from nlpx.core.lazy import tf
from nlpx.core.options import NonNegativeFloat, Rate


class SequenceCrossEntropy(Loss):
    """Mean of -log p(token | input, previous tokens) over the tokens of the target text, including its end.

    cross_entropy + c * mean over the tokens of sum_t min(a_t, covered_t)

    Options:
        label_smoothing: e; (1 - e) * -log p + e * mean over the vocabulary of -log softmax(logits).
        coverage: c, the weight of the coverage loss, which penalizes copying a position twice; if it is set,
            even to 0, the pointer knows what it has copied. Default: no coverage.
    Shapes: -log p (B, S), logits (B, S, V), mask (B, S) bool, overlap (B, S) -> sum and number of tokens.
    Data: texts with target texts, such as titles.
    Relations: for tasks that generate text; with a pointer, p combines generating and copying, and only the
        generating part is smoothed. Coverage requires model.pointer.
    Reference: label smoothing: Szegedy et al. 2016, arXiv 1512.00567; coverage: See et al. 2017, arXiv
        1704.04368; kexue.fm archive 5861.
    Example:
        loss: {type: sequence_cross_entropy, label_smoothing: 0.1}
    """

    needs: ClassVar[frozenset[str]] = frozenset({"token_nll", "token_logits"})
    counts: ClassVar[str] = "tokens"

    type: Literal["sequence_cross_entropy"] = "sequence_cross_entropy"
    label_smoothing: Varying[Rate] = 0.0
    coverage: Varying[NonNegativeFloat] | None = None

    @property
    def reads(self) -> frozenset[str]:
        return self.needs if self.coverage is None else self.needs | {"overlap"}

    def terms(self, values: Values, step: tf.Tensor | int) -> dict[str, Term]:
        losses, logits, mask = values["token_nll"], values["token_logits"], values["mask"]
        if self.label_smoothing:
            uniform = tf.reduce_logsumexp(logits, -1) - tf.reduce_mean(logits, -1)
            smoothing = now(self.label_smoothing)
            losses = (1 - smoothing) * losses + smoothing * uniform
        tokens = tf.reduce_sum(tf.cast(mask, tf.float32))
        # Not a product with the mask, because values of empty rows may be infinite.
        cross_entropy = Term(tf.reduce_sum(tf.where(mask, losses, 0.0)), tokens)
        if self.coverage is None:
            return {"loss": cross_entropy}
        again = tf.reduce_sum(tf.where(mask, values["overlap"], 0.0))
        return {"cross_entropy": cross_entropy, "coverage": Term(again, tokens, now(self.coverage))}
