"""Adversarial training by the gradient of the embeddings: FGM and PGD."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from nlpx.components.losses.base import Term
from nlpx.components.tricks.base import Objective, Tensors, Trick
from nlpx.components.tricks.perturbation import Place, directions, moved, norms, scaled_rows, slopes
from nlpx.components.tricks.terms import extended
from nlpx.components.varying import Varying, now
from nlpx.core.lazy import keras, tf
from nlpx.core.options import NonNegativeFloat, Passes, PositiveFloat


class Adversarial(Trick):
    """Add the loss at embeddings that are moved to increase it.

    L(E) + weight * L(E + r),  r <- project(r + step_size * g(E + r) / ||g(E + r)||) from r = 0,
    project(r) = r * min(1, epsilon / ||r||)

    g and r of a row are those of its own loss and its own vectors, with norms over the whole row.

    Options:
        epsilon: largest norm of the change of a row.
        steps: gradient steps; 1 is the fast gradient method (FGM), more are projected gradient descent (PGD).
        step_size: length of a step; default: epsilon.
        weight: coefficient of the adversarial loss.
        at: what is moved: the vectors of tokens, or an image with values 0 to 255.
    Shapes: embedding (B, T, D) or image (B, S, S, C); a row with several texts has one norm over all.
    Data: any.
    Relations: against overfitting of small training splits. A step costs steps + 1 forward and about
        steps + 2 backward passes, and memory for two. Directions do not depend on the other rows, so
        micro-batches are exactly one batch, except for losses that compare rows. Moved passes have dropout of
        their own, and update the statistics of batch normalizations again.
    Reference: Miyato et al. 2017, arXiv 1605.07725; Madry et al. 2018, arXiv 1706.06083.
    Example:
        tricks:
          - {type: adversarial, epsilon: 0.5}
    """

    type: Literal["adversarial"] = "adversarial"
    epsilon: Varying[NonNegativeFloat] = 0.5
    steps: Passes = 1
    step_size: Varying[PositiveFloat] | None = None
    weight: Varying[NonNegativeFloat] = 1.0
    at: Place = "embedding"

    @property
    def reads(self) -> frozenset[str]:
        return frozenset({self.at})

    def objective(self, objective: Objective, variables: Sequence[keras.Variable]) -> Objective:
        def attacked(batch: Tensors) -> Mapping[str, Term]:
            terms, gradients = slopes(objective, batch, self.at)
            moves = self._step([tf.zeros_like(gradient) for gradient in gradients], gradients)
            for _ in range(self.steps - 1):
                moves = self._step(moves, slopes(objective, batch, self.at, moves)[1])
            others, _ = moved(objective, batch, self.at, [tf.stop_gradient(move) for move in moves])
            added = {f"adversarial_{name}": self._added(terms[name], others[name]) for name in terms}
            return extended(terms, added)

        return attacked

    def _step(self, moves: Sequence[tf.Tensor], gradients: Sequence[tf.Tensor]) -> list[tf.Tensor]:
        epsilon = now(self.epsilon)
        size = epsilon if self.step_size is None else now(self.step_size)
        found = [move + size * d for move, d in zip(moves, directions(gradients), strict=True)]
        return scaled_rows(found, tf.math.divide_no_nan(epsilon, tf.maximum(norms(found), epsilon)))

    def _added(self, term: Term, other: Term) -> Term:
        return Term(other.sum, term.weight, now(self.weight) * other.coefficient)
