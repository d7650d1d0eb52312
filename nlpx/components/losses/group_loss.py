"""Base class of losses that compare the sentences of a batch by group."""

from __future__ import annotations

from typing import ClassVar

from nlpx.components.losses.base import Loss
from nlpx.core.lazy import ops, tf

FAR = 1e9
"""Used instead of infinity, which would give undefined gradients."""


class GroupLoss(Loss):
    """Base class of losses that separate partners, the sentences of the same group, from the batch."""

    needs: ClassVar[frozenset[str]] = frozenset({"vector", "group"})
    counts: ClassVar[str] = "sentences"
    compares: ClassVar[bool] = True

    @staticmethod
    def relations(groups: tf.Tensor, real: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Masks of partners and of sentences of other groups, (B, B) bool; False where not real."""
        both = ops.logical_and(real[:, None], real[None])
        same = groups[:, None] == groups[None]
        itself = ops.eye(ops.shape(groups)[0], dtype="bool")
        partner = ops.logical_and(both, ops.logical_and(same, ops.logical_not(itself)))
        return partner, ops.logical_and(both, ops.logical_not(same))
