"""Negative log-likelihood of a CRF."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.losses.base import Loss, Term, Values
from nlpx.core.lazy import ops, tf


class CRFNegativeLogLikelihood(Loss):
    """-log P(tags | x) of a linear-chain CRF: log Z(x) - f(tags).

    Options:
        per: divide the sum by the number of characters, or by the number of non-empty sentences (as in the
            original article).
    Shapes: -log P of rows (B,), mask (B, T) bool, right-padded -> sum and number of characters or sentences.
    Data: one tag per position.
    Relations: for the head crf. With `per: sentence`, long sentences have a larger weight.
    Reference: Lafferty et al. 2001; kexue.fm archive 5542.
    Example:
        loss: {type: crf_nll, per: character}
    """

    needs: ClassVar[frozenset[str]] = frozenset({"crf_nll"})

    type: Literal["crf_nll"] = "crf_nll"
    per: Literal["character", "sentence"] = "character"

    @property
    def unit(self) -> str:
        return "sentences" if self.per == "sentence" else "chars"

    def terms(self, values: Values, step: tf.Tensor | int) -> dict[str, Term]:
        rows = values["mask"][:, 0]
        counted = values["mask"] if self.per == "character" else rows
        total = ops.sum(ops.where(rows, values["crf_nll"], 0.0))
        return {"loss": Term(total, ops.sum(ops.cast(counted, "float32")))}
