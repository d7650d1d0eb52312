"""What losses share that compare the sentences of one batch: those of one group belong together."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from nlpx.components.losses.base import Loss
from nlpx.core.lazy import ops

if TYPE_CHECKING:
    from tensorflow import Tensor

FAR = 1e9
"""Stands for infinity where a gradient flows."""


class GroupLoss(Loss):
    """The base of losses that tell partners, the other sentences of a group, from the rest of the batch."""

    needs: ClassVar[frozenset[str]] = frozenset({"vector", "group"})
    counts: ClassVar[str] = "sentences"
    compares: ClassVar[bool] = True

    @staticmethod
    def relations(groups: Tensor, real: Tensor) -> tuple[Tensor, Tensor]:
        """Who is a partner of whom, and who is of another group, each (B, B) bool; missing rows are neither.

        Args:
            groups: (B,) int32.
            real: (B,) bool; False for rows that are missing for a whole batch.
        """
        both = ops.logical_and(real[:, None], real[None])
        same = groups[:, None] == groups[None]
        itself = ops.eye(ops.shape(groups)[0], dtype="bool")
        partner = ops.logical_and(both, ops.logical_and(same, ops.logical_not(itself)))
        return partner, ops.logical_and(both, ops.logical_not(same))
