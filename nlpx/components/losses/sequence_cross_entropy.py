"""Cross entropy of a text that is written token by token."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from nlpx.components.losses.base import Loss, Term, Values
from nlpx.core.lazy import tf
from nlpx.core.options import NonNegativeFloat, Rate

if TYPE_CHECKING:
    from tensorflow import Tensor


class SequenceCrossEntropy(Loss):
    """Mean over the tokens of the written text, its end included, of -log p(token | text, tokens before).

    cross_entropy + c * mean over the tokens of sum_t min(a_t, covered_t)

    Options:
        label_smoothing: e; (1 - e) * -log p + e * mean over the vocabulary of -log softmax(logits).
        coverage: c, the weight of the share of every step that the pointer copies again; with it, 0 too, the
            pointer knows what it has copied. Empty does neither.
    Shapes: -log p (B, S), logits (B, S, V), mask (B, S) bool, overlap (B, S) -> sum and number of tokens.
    Data: a text and what is written about it.
    Relations: for tasks that write a text; with a pointer, p mixes writing and copying, and only the written
        part is smoothed. Coverage is that of model.pointer.
    Reference: label smoothing: Szegedy et al. 2016, arXiv 1512.00567; coverage: See et al. 2017, arXiv
        1704.04368; kexue.fm archive 5861.
    Example:
        loss: {type: sequence_cross_entropy, label_smoothing: 0.1}
    """

    needs: ClassVar[frozenset[str]] = frozenset({"token_nll", "token_logits"})
    counts: ClassVar[str] = "tokens"

    type: Literal["sequence_cross_entropy"] = "sequence_cross_entropy"
    label_smoothing: Rate = 0.0
    coverage: NonNegativeFloat | None = None

    @property
    def reads(self) -> frozenset[str]:
        return self.needs if self.coverage is None else self.needs | {"overlap"}

    def terms(self, values: Values, step: Tensor | int) -> dict[str, Term]:
        losses, logits, mask = values["token_nll"], values["token_logits"], values["mask"]
        if self.label_smoothing:
            uniform = tf.reduce_logsumexp(logits, -1) - tf.reduce_mean(logits, -1)
            losses = (1 - self.label_smoothing) * losses + self.label_smoothing * uniform
        tokens = tf.reduce_sum(tf.cast(mask, tf.float32))
        # Not a product with the mask: what stands in an empty row may be infinite.
        cross_entropy = Term(tf.reduce_sum(tf.where(mask, losses, 0.0)), tokens)
        if self.coverage is None:
            return {"loss": cross_entropy}
        again = tf.reduce_sum(tf.where(mask, values["overlap"], 0.0))
        return {"cross_entropy": cross_entropy, "coverage": Term(again, tokens, self.coverage)}
