"""Gradient descent with Polyak's step size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from pydantic import PrivateAttr

from nlpx.components.losses.base import Term
from nlpx.components.optimizers.base import Optimizer
from nlpx.components.optimizers.heun import mean_of
from nlpx.components.tricks.base import Objective, Pair, Tensors, Trick
from nlpx.core.lazy import keras, tf
from nlpx.core.options import PositiveFloat


class Polyak(Optimizer):
    """Steps with which a loss whose minimum is 0 falls by the same factor in every update.

    w = w - learning_rate L g / |g| min(1 / |g|, limit), with the joint norm |g| of all gradients

    Options:
        limit: upper bound of 1 / |g|, without which steps near a minimum would be huge.
        learning_rate: h; for small h, the loss is multiplied by exp(-h) per update.
    Shapes: as the weights.
    Data: any.
    Relations: it leaves local minima, because a loss above 0 always causes a step: of interest for toy
        problems, and of no practical value according to its author. It is chaotic: rounding differently gives
        another result after many updates. A loss that cannot become 0, as with label smoothing, never comes
        to rest. It needs the loss of the whole batch, and therefore excludes accumulation.
    Reference: kexue.fm archive 6261; Polyak 1969.
    Example:
        optimizer: {type: polyak, learning_rate: 0.01}
    """

    keras_class: ClassVar[str] = "SGD"
    structural: ClassVar[frozenset[str]] = Optimizer.structural | {"limit"}
    whole_batch: ClassVar[bool] = True
    whole_model: ClassVar[bool] = True

    type: Literal["polyak"] = "polyak"
    limit: PositiveFloat = 1000.0
    learning_rate: PositiveFloat = 0.01

    def tricks(self, optimizer: keras.optimizers.Optimizer) -> list[Trick]:
        return [*super().tricks(optimizer), _StepSize(limit=self.limit)]


class _StepSize(Trick):
    """Gradients times L / |g| min(1 / |g|, limit)."""

    type: Literal["polyak"] = "polyak"
    limit: float

    _loss: Any = PrivateAttr(None)

    def objective(self, objective: Objective, variables: Sequence[keras.Variable]) -> Objective:
        def remembered(batch: Tensors) -> Mapping[str, Term]:
            terms = objective(batch)
            self._loss = mean_of(terms)  # a tensor of the graph in which `gradients` is traced as well
            return terms

        return remembered

    def gradients(self, pairs: Sequence[Pair]) -> list[Pair]:
        norm = tf.linalg.global_norm([gradient for gradient, _ in pairs])
        inverse = tf.math.reciprocal_no_nan(norm)
        factor = self._loss * inverse * tf.minimum(inverse, self.limit)
        return [(None if gradient is None else gradient * factor, variable) for gradient, variable in pairs]
