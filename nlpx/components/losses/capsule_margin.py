"""Margin loss of capsules."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import model_validator

from nlpx.components.losses.base import Loss, Term, Values
from nlpx.components.varying import Varying, bounds, now
from nlpx.core.lazy import ops, tf
from nlpx.core.options import NonNegativeFloat, Rate


class CapsuleMargin(Loss):
    """The capsule of the class should be long, those of other classes short.

    L = max(0, p - |v_t|)^2 + w sum_(k != t) max(0, |v_k| - n)^2

    Options:
        positive: p; a longer capsule of the class has no loss.
        negative: n; shorter capsules of other classes have no loss.
        others: w, the weight of other classes; 0.25 in the original, 0.5 in the paper.
    Shapes: lengths (B, U) from 0 to 1, targets (B,) int -> sum and number of rows.
    Data: rows with one class each.
    Relations: every class is judged separately, so a model that is trained on one class per row can find
        several in a row. Without capsules, sigmoids of logits take the place of lengths. The original
        divides by the number of classes as well.
    Reference: Sabour et al. 2017, arXiv 1710.09829; kexue.fm archive 5112.
    Example:
        loss: {type: capsule_margin, others: 0.25}
    """

    needs: ClassVar[frozenset[str]] = frozenset({"capsule_length", "target"})
    counts: ClassVar[str] = ""

    type: Literal["capsule_margin"] = "capsule_margin"
    positive: Varying[Rate] = 0.9
    negative: Varying[Rate] = 0.1
    others: Varying[NonNegativeFloat] = 0.5

    @model_validator(mode="after")
    def _negative_is_below_positive(self) -> CapsuleMargin:
        if bounds(self.negative)[1] >= bounds(self.positive)[0]:
            raise ValueError("negative is less than positive")
        return self

    def terms(self, values: Values, step: tf.Tensor | int) -> dict[str, Term]:
        lengths, real = values["capsule_length"], ops.cast(values["mask"], "float32")
        target = ops.one_hot(values["target"], lengths.shape[-1], dtype="bool")
        own = ops.square(ops.relu(now(self.positive) - lengths))
        other = now(self.others) * ops.square(ops.relu(lengths - now(self.negative)))
        losses = ops.sum(ops.where(target, own, other), -1)
        return {"loss": Term(ops.sum(losses * real), ops.sum(real))}
