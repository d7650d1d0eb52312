"""A penalty on the spectral norms of kernels."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr

from nlpx.components.losses.base import Term
from nlpx.components.tricks.base import Objective, Tensors, Trick
from nlpx.components.tricks.terms import extended
from nlpx.components.varying import Varying, now
from nlpx.core.lazy import keras, np, tf
from nlpx.core.options import NonNegativeFloat, Passes, Pattern


class SpectralNormRegularization(Trick):
    """Add to the objective the squared spectral norms of kernels, as the term `spectral_norm`.

    coefficient * sum over kernels of sigma(W)^2, sigma(W) = u^T W v by power iteration

    Options:
        coefficient: of the sum in the objective.
        iterations: steps of the power iteration in each evaluation; the vectors are kept, and get better with
            each update.
        only: patterns of the names of the kernels; those with fewer than two dimensions are left out.
    Shapes: a kernel is taken as a matrix (product of all dimensions but the last, last).
    Data: any.
    Relations: keeps a model from amplifying small changes of its input: the product of the spectral norms
        bounds how much. A sharper bound than the sum of squares that weight decay shrinks; only the largest
        direction of a kernel is reduced. Costs `iterations` products of each kernel with vectors; with
        accumulation, another backward pass over these kernels. `spectral_norm` of some layers divides by the
        norm instead.
    Reference: Yoshida and Miyato 2017, arXiv 1705.10941; kexue.fm archive 6051.
    Example:
        tricks:
          - {type: spectral_norm_regularization, coefficient: 1e-3}
    """

    type: Literal["spectral_norm_regularization"] = "spectral_norm_regularization"
    coefficient: Varying[NonNegativeFloat] = 1e-3
    iterations: Passes = 1
    only: Annotated[list[Pattern], Field(min_length=1)] = ["*kernel"]

    _group: list[Any] = PrivateAttr(default_factory=list)
    _vectors: list[Any] = PrivateAttr(default_factory=list)

    def build(self, weights: Sequence[keras.Variable]) -> None:
        chosen = self.chosen(self.only, weights, "only")
        self._group = [variable for variable in chosen if variable.trainable and len(variable.shape) > 1]
        # Random, as a vector of ones may be orthogonal to the singular vector.
        random = np.random.default_rng(self.course.seed)
        self._vectors = [
            keras.Variable(
                random.standard_normal(math.prod(variable.shape[:-1])).astype(np.float32),
                trainable=False,
                name=f"spectral_norm_{i}",
            )
            for i, variable in enumerate(self._group)
        ]

    @property
    def variables(self) -> list[keras.Variable]:
        return self._vectors

    def objective(self, objective: Objective, variables: Sequence[keras.Variable]) -> Objective:
        def penalized(batch: Tensors) -> Mapping[str, Term]:
            terms = objective(batch)
            if not self._group:
                return terms
            squares = [tf.square(norm) for norm, _ in map(self._norm, self._group, self._vectors)]
            term = Term(tf.add_n(squares), tf.constant(1.0), now(self.coefficient))
            return extended(terms, {"spectral_norm": term})

        return penalized

    def update(self, weights: Sequence[keras.Variable]) -> None:
        # Not in the objective, which may be evaluated more than once in an update.
        for kernel, vector in zip(self._group, self._vectors, strict=True):
            vector.assign(self._norm(kernel, vector)[1])

    def describe(self) -> list[str]:
        return [self.group("kernels", self._group)]

    def _norm(self, kernel: keras.Variable, vector: keras.Variable) -> tuple[tf.Tensor, tf.Tensor]:
        """sigma(W), differentiable in W, and the new u."""
        from nlpx.layers.spectral_norm import power_iteration

        matrix = tf.reshape(tf.cast(kernel.value, tf.float32), (-1, kernel.shape[-1]))
        _, u, v = power_iteration(tf.stop_gradient(matrix), vector.value, self.iterations)
        return tf.reduce_sum(u * tf.linalg.matvec(matrix, v)), u
