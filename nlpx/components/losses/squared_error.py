"""Squared errors of states."""

from __future__ import annotations

from typing import ClassVar, Literal

from nlpx.components.losses.base import Loss, Term, Values
from nlpx.core.lazy import ops, tf


class SquaredError(Loss):
    """Mean of the squared errors of all observed variables.

    sum over observed of (state - observed_state)^2 / number of observed

    Options: none of its own.
    Shapes: states, observations and which of them there are, (B, D) -> sum and number of observed values.
    Data: observations in a common unit: a variable with large values has large errors.
    Relations: has the least value at the same parameters as the sum, which the metric sum_of_squares reports.
    Reference: Gauss 1809, Theoria motus.
    Example:
        loss: squared_error
    """

    needs: ClassVar[frozenset[str]] = frozenset({"state", "observed_state", "observed"})
    counts: ClassVar[str] = "values"

    type: Literal["squared_error"] = "squared_error"

    def terms(self, values: Values, step: tf.Tensor | int) -> dict[str, Term]:
        used = ops.logical_and(values["observed"], values["mask"][:, None])
        # Where nothing was observed, the state may be anything, and has no gradient.
        errors = ops.where(used, values["state"] - values["observed_state"], 0.0)
        return {"loss": Term(ops.sum(ops.square(errors)), ops.sum(ops.cast(used, "float32")))}
