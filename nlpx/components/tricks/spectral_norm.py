"""Spectral normalization of the weights of any model."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, PrivateAttr

from nlpx.components.losses.base import Term
from nlpx.components.tricks.base import Objective, Pair, Tensors, Trick
from nlpx.core.lazy import keras, np, tf
from nlpx.core.options import Pattern


class SpectralNorm(Trick):
    """Use W / sigma(W) in place of some weights W, in training, evaluation and prediction.

    sigma(W) = u^T W v, the largest singular value by power iteration; dL/dW passes it, so <W, dL/dW> = 0

    Options:
        only: patterns of the names of the weights: kernels, embeddings, factors of batch normalization.
    Shapes: a weight is taken as a matrix (product of all dimensions but the last, last); the norm of a vector
        of factors is max |w|.
    Data: any.
    Relations: bounds how much a layer amplifies small changes of its input, which
        spectral_norm_regularization only discourages; as scores then stay small, leave the head out. W stays
        the parameter: its length has no effect on the function, so weight decay only changes the speed of
        learning. One step of the power iteration per update; costs two passes over these weights and a few
        products with vectors per evaluation of the objective. List it after `ema` and `swa`, which average W,
        and before tricks that clip gradients. The networks of gan have the option `spectral_norm`, which does
        the same. See spectral_norm_constraint for the division after each update.
    Reference: Miyato et al. 2018, arXiv 1802.05957; kexue.fm archives 6051 and 6311.
    Example:
        tricks:
          - {type: spectral_norm, only: ["encoder_*/kernel"]}
    """

    excludes: ClassVar = {
        "trick/spectral_norm": "a weight is divided by its norm once; list all patterns in one"
    }
    type: Literal["spectral_norm"] = "spectral_norm"
    only: Annotated[list[Pattern], Field(min_length=1)] = ["*kernel"]

    _group: list[Any] = PrivateAttr(default_factory=list)
    _vectors: list[Any] = PrivateAttr(default_factory=list)
    _places: dict[int, int] = PrivateAttr(default_factory=dict)

    def build(self, weights: Sequence[keras.Variable]) -> None:
        self._places = {id(weight): place for place, weight in enumerate(weights)}
        # Those of other phases as well, which the objective of this one uses, too.
        chosen = self.chosen(self.only, self.names.variables, "only")
        self._group = [v for v in chosen if v.trainable or id(v) in self._places]
        # Random, as a vector of ones may be orthogonal to the singular vector.
        random = np.random.default_rng(self.course.seed)
        self._vectors = [
            keras.Variable(
                random.standard_normal(math.prod(weight.shape[:-1])).astype(np.float32),
                trainable=False,
                name=f"spectral_norm_{i}",
            )
            for i, weight in enumerate(self._group)
        ]

    @property
    def variables(self) -> list[keras.Variable]:
        return self._vectors

    def objective(self, objective: Objective, variables: Sequence[keras.Variable]) -> Objective:
        def normalized(batch: Tensors) -> Mapping[str, Term]:
            raw = [tf.identity(weight.value) for weight in self._group]
            for weight, value, vector in zip(self._group, raw, self._vectors, strict=True):
                weight.assign(_divided(value, vector)[0])
            terms = objective(batch)
            for weight, value in zip(self._group, raw, strict=True):
                weight.assign(value)
            return terms

        return normalized

    def gradients(self, pairs: Sequence[Pair]) -> list[Pair]:
        """From dL/d(W / sigma) to dL/dW, which is linear, so that accumulation changes nothing."""
        vectors = {id(weight): vector for weight, vector in zip(self._group, self._vectors, strict=True)}
        found: list[Pair] = []
        for gradient, weight in pairs:
            if gradient is not None and id(weight) in vectors:
                gradient = _through(gradient, weight, vectors[id(weight)])
            found.append((gradient, weight))
        return found

    def update(self, weights: Sequence[keras.Variable]) -> None:
        for weight, vector in zip(self._group, self._vectors, strict=True):
            if len(weight.shape) > 1:
                vector.assign(_divided(weight.value, vector)[1])

    def evaluation(self, values: list[np.ndarray]) -> list[np.ndarray]:
        values = list(values)
        for weight, vector in zip(self._group, self._vectors, strict=True):
            if (place := self._places.get(id(weight))) is not None:
                values[place] = _divided(tf.constant(values[place]), vector)[0].numpy()
        return values

    def describe(self) -> list[str]:
        return [self.group("divided by their spectral norms", self._group)]


def _divided(value: tf.Tensor, vector: keras.Variable) -> tuple[tf.Tensor, tf.Tensor | None]:
    """W / sigma(W), differentiable in W, and the new u."""
    from nlpx.layers.spectral_norm import spectral_norm

    norm, u = spectral_norm(tf.cast(value, tf.float32), vector.value)
    return value / tf.cast(norm, value.dtype), u


def _through(gradient: tf.Tensor, weight: keras.Variable, vector: keras.Variable) -> tf.Tensor:
    value = tf.identity(weight.value)
    with tf.GradientTape() as tape:
        tape.watch(value)
        divided, _ = _divided(value, vector)
    return tape.gradient(divided, value, output_gradients=gradient)
