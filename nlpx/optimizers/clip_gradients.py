"""Gradient clipping by the joint norm."""

from __future__ import annotations

import tensorflow as tf

from nlpx.optimizers.base import Trick


class ClipGradients(Trick):
    """g * min(1, norm / ||g||), with ||g|| over all gradients together.

    Args:
        norm: largest joint Euclidean norm.

    Source: Pascanu et al. 2013, arXiv 1211.5063.
    """

    def __init__(self, norm: float = 1.0) -> None:
        self.norm = norm

    def gradients(self, gradients: list[tf.Tensor]) -> list[tf.Tensor]:
        scale = self.norm / tf.maximum(tf.linalg.global_norm(gradients), self.norm)
        return [gradient * scale for gradient in gradients]
