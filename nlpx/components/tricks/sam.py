"""Sharpness-aware minimization."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from nlpx.components.losses.base import Term
from nlpx.components.tricks.base import Objective, Tensors, Trick
from nlpx.components.varying import Varying, now
from nlpx.core.lazy import keras, tf
from nlpx.core.options import NonNegativeFloat

SCALE = 1024.0
"""Power of two, so that it changes no direction, by which gradients in float16 are kept from becoming 0."""


class SAM(Trick):
    """Minimize the loss at the worst weights nearby: descend by the gradient at w + rho * g / ||g||.

    g = dL(w) / dw,  w <- w - rate * dL(w + rho * g / ||g||) / dw

    Options:
        rho: distance of the weights at which the gradient is computed.
    Shapes: as the weights.
    Data: any.
    Relations: finds flat minima, which often generalize better. A step costs two passes, and memory for a
        copy of the weights. All trainable weights of a phase are moved together, and exactly restored; the
        losses reported are those at the moved weights. It needs the gradient of the whole batch, and
        therefore excludes accumulation. The passes have dropout of their own, and update the statistics of
        batch normalizations twice. If g is not finite, the weights are not moved.
    Reference: Foret et al. 2021, arXiv 2010.01412.
    Example:
        tricks:
          - {type: sam, rho: 0.05}
    """

    whole_batch: ClassVar[bool] = True

    type: Literal["sam"] = "sam"
    rho: Varying[NonNegativeFloat] = 0.05

    def objective(self, objective: Objective, variables: Sequence[keras.Variable]) -> Objective:
        def sharp(batch: Tensors) -> Mapping[str, Term]:
            values = [variable.value for variable in variables]
            with tf.GradientTape() as tape:
                loss = SCALE * _mean(objective(batch))
            gradients = [None if g is None else tf.convert_to_tensor(g) for g in tape.gradient(loss, values)]
            norm = tf.linalg.global_norm(gradients)
            factor = tf.where(tf.math.is_finite(norm), tf.math.divide_no_nan(now(self.rho), norm), 0.0)
            reached = [
                (v, tf.identity(v), g) for v, g in zip(values, gradients, strict=True) if g is not None
            ]
            for value, _, gradient in reached:
                # 0 * infinity is not a number.
                value.assign_add(tf.math.multiply_no_nan(gradient, factor))
            terms = objective(batch)
            for value, before, _ in reached:
                value.assign(before)
            return terms

        return sharp


def _mean(terms: Mapping[str, Term]) -> tf.Tensor:
    """The total over a batch: the sum of coefficient * sum / weight."""
    return tf.add_n([t.coefficient * tf.math.divide_no_nan(t.sum, t.weight) for t in terms.values()])
