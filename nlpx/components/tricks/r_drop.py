"""R-Drop: two passes with different dropout should give the same probabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from nlpx.components.losses.base import Term
from nlpx.components.tricks.base import Objective, Tensors, Trick
from nlpx.components.tricks.divergence import Output, symmetric_kl_divergence, with_output
from nlpx.components.tricks.terms import extended
from nlpx.components.varying import Varying, now
from nlpx.core.lazy import keras, tf
from nlpx.core.options import NonNegativeFloat


class RDrop(Trick):
    """Penalize the difference of the probabilities of two passes with different dropout.

    (L_1 + L_2) / 2 + alpha * mean of (KL(p_1 || p_2) + KL(p_2 || p_1)) / 2

    Options:
        alpha: coefficient of the divergence.
        output: the scores before the softmax that give p: those of classes, or those of the tokens of a
            generated text.
    Shapes: output (..., U), mask (...); the mean is over all positions of the mask.
    Data: any.
    Relations: for models with dropout; without it, the divergence is 0. A step costs two passes, time and
        memory. After tricks that make several passes, the first ones are compared. With losses that do not
        read the output, p is the softmax of the output all the same.
    Reference: Liang et al. 2021, arXiv 2106.14448.
    Example:
        tricks:
          - {type: r_drop, alpha: 1.0}
    """

    type: Literal["r_drop"] = "r_drop"
    alpha: Varying[NonNegativeFloat] = 1.0
    output: Output = "logits"

    @property
    def reads(self) -> frozenset[str]:
        return frozenset({self.output})

    def objective(self, objective: Objective, variables: Sequence[keras.Variable]) -> Objective:
        def compared(batch: Tensors) -> Mapping[str, Term]:
            first, log_p, mask = with_output(objective, batch, self.output)
            second, log_q, _ = with_output(objective, batch, self.output)
            terms = {
                name: term._replace(sum=(term.sum + second[name].sum) / 2) for name, term in first.items()
            }
            divergence = symmetric_kl_divergence(log_p, log_q, mask)
            return extended(terms, {"r_drop": Term(divergence, tf.reduce_sum(mask), now(self.alpha))})

        return compared
