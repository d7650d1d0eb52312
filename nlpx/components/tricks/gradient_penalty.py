"""Penalty on the gradient of the loss with respect to the input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from nlpx.components.losses.base import Term
from nlpx.components.tricks.base import Objective, Tensors, Trick
from nlpx.components.tricks.perturbation import Place, slopes, squares
from nlpx.components.tricks.terms import extended, first_weight
from nlpx.components.varying import Varying, now
from nlpx.core.lazy import keras, tf
from nlpx.core.options import NonNegativeFloat


class GradientPenalty(Trick):
    """Penalize the squared norm of the gradient of the loss with respect to the embeddings.

    L + epsilon / 2 * sum over rows of ||dl_b / dE_b||^2 / W

    l_b is the loss of row b, undivided, E_b are its vectors, and W is the divisor of the loss L.

    Options:
        epsilon: coefficient of the penalty.
        at: what the gradient is with respect to: the vectors of tokens, or an image with values 0 to 255.
    Shapes: embedding (B, T, D) or image (B, S, S, C).
    Data: any.
    Relations: to first order, the loss at vectors moved by epsilon / 2 * dl_b / dE_b. A step also goes
        back through a backward pass: about three times the time, twice the memory. Micro-batches are
        exactly one batch, except for losses that compare rows. The reference has the gradient of the mean
        loss over B rows, and thus its epsilon is B times this one for the same penalty. Excludes recompute.
    Reference: kexue.fm archive 7259; Ross and Doshi-Velez 2018, arXiv 1711.09404.
    Example:
        tricks:
          - {type: gradient_penalty, epsilon: 0.1}
    """

    excludes: ClassVar[Mapping[str, str]] = {
        "trick/recompute": "blocks that are computed again have no gradients of gradients"
    }

    type: Literal["gradient_penalty"] = "gradient_penalty"
    epsilon: Varying[NonNegativeFloat] = 0.1
    at: Place = "embedding"

    @property
    def reads(self) -> frozenset[str]:
        return frozenset({self.at})

    def objective(self, objective: Objective, variables: Sequence[keras.Variable]) -> Objective:
        def penalized(batch: Tensors) -> Mapping[str, Term]:
            terms, gradients = slopes(objective, batch, self.at)
            penalty = 0.5 * tf.reduce_sum(squares(gradients))
            term = Term(penalty, first_weight(terms), now(self.epsilon))
            return extended(terms, {"gradient_penalty": term})

        return penalized
