"""Base class of losses over the probability of a whole tag sequence."""

from __future__ import annotations

from typing import Literal

from nlpx.components.losses.base import Loss, Term, Values
from nlpx.core.lazy import ops, tf


class PathLoss(Loss):
    """Base class of losses that add up -log P(tags | x), the one value that they need.

    Options:
        per: divide the sum by the number of characters, or by the number of non-empty sentences (as in the
            original article).
    """

    per: Literal["character", "sentence"] = "character"

    @property
    def unit(self) -> str:
        return "sentences" if self.per == "sentence" else "chars"

    def terms(self, values: Values, step: tf.Tensor | int) -> dict[str, Term]:
        rows = values["mask"][:, 0]
        counted = values["mask"] if self.per == "character" else rows
        (nll,) = self.needs
        total = ops.sum(ops.where(rows, values[nll], 0.0))
        return {"loss": Term(total, ops.sum(ops.cast(counted, "float32")))}
