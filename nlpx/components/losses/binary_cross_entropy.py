"""Cross entropy of two classes."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.losses.base import Loss, Term, Values
from nlpx.components.varying import Varying, now
from nlpx.core.lazy import ops, tf
from nlpx.core.options import Rate


class BinaryCrossEntropy(Loss):
    """Mean cross entropy of two classes over rows, computed from the logit of the second class.

    L = -q log sigmoid(x) - (1 - q) log sigmoid(-x),  q = (1 - e) * target + e / 2

    Options:
        label_smoothing: e, which keeps q away from 0 and 1.
    Shapes: logits (...), targets (...) 0 or 1, mask (...) bool -> sum and number of rows.
    Data: rows of two classes.
    Relations: equals cross_entropy over the logits (0, x).
    Reference: Keras BinaryCrossentropy(from_logits=True).
    Example:
        loss: {type: binary_cross_entropy, label_smoothing: 0.1}
    """

    needs: ClassVar[frozenset[str]] = frozenset({"logit", "target"})

    type: Literal["binary_cross_entropy"] = "binary_cross_entropy"
    label_smoothing: Varying[Rate] = 0.0

    def terms(self, values: Values, step: tf.Tensor | int) -> dict[str, Term]:
        logit, real = values["logit"], ops.cast(values["mask"], "float32")
        signed = ops.where(values["target"] > 0, logit, -logit)
        # softplus(-x) - softplus(x) = -x: the smoothed part is linear in the logit.
        losses = ops.softplus(-signed) + now(self.label_smoothing) / 2 * signed
        return {"loss": Term(ops.sum(losses * real), ops.sum(real))}
