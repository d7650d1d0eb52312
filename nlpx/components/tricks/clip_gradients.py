"""Gradient clipping by global norm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from nlpx.components.tricks.base import Pair, Trick
from nlpx.core.lazy import tf
from nlpx.core.options import PositiveFloat


class ClipGradients(Trick):
    """Scale all gradients if their global norm exceeds a limit: g * min(1, norm / ||g||).

    Options:
        norm: maximum Euclidean norm of all gradients.
    Shapes: as the weights.
    Data: any.
    Relations: acts on the gradients of a whole update, after accumulation; of each phase by itself.
    Reference: Pascanu et al. 2013, arXiv 1211.5063.
    Example:
        tricks:
          - {type: clip_gradients, norm: 1.0}
    """

    type: Literal["clip_gradients"] = "clip_gradients"
    norm: PositiveFloat = 1.0

    def gradients(self, pairs: Sequence[Pair]) -> list[Pair]:
        norm = tf.linalg.global_norm([gradient for gradient, _ in pairs])
        scale = self.norm / tf.maximum(norm, self.norm)
        return [(None if gradient is None else gradient * scale, variable) for gradient, variable in pairs]
