"""Spectral normalization as a reparameterization: the forward pass divides a kernel by its spectral norm."""

from __future__ import annotations

import inspect
import math
from collections.abc import Sequence

import keras
from keras import ops


def power_iteration(
    matrix: keras.KerasTensor, u: keras.KerasTensor, iterations: int = 1
) -> tuple[keras.KerasTensor, keras.KerasTensor, keras.KerasTensor]:
    """The largest singular value of W, from a vector that is near its left singular vector.

    v = W^T u / |W^T u|,  u = W v / |W v|,  sigma = u^T W v

    Args:
        matrix: W, (N, M) float32.
        u: (N,), not orthogonal to the singular vector.
        iterations: how often v and u are computed; all steps are differentiable.

    Returns:
        sigma, u (N,), v (M,).
    """
    for _ in range(iterations):
        v = _unit(ops.matmul(u, matrix))
        u = _unit(ops.matmul(matrix, v))
    return ops.sum(u * ops.matmul(matrix, v)), u, v


def spectral_norm(
    weight: keras.KerasTensor, u: keras.KerasTensor | None, iterations: int = 1
) -> tuple[keras.KerasTensor, keras.KerasTensor | None]:
    """sigma(W), differentiable in W, and the new u, constant.

    Args:
        weight: W, float32, taken as a matrix (..., outputs); the norm of a vector of factors is max |w|.
        u: vector for `power_iteration`; None for a vector W.
        iterations: how often u is improved before it is used.
    """
    if len(weight.shape) == 1:
        return ops.max(ops.abs(weight)), None
    matrix = ops.reshape(weight, (-1, weight.shape[-1]))
    _, u, v = power_iteration(ops.stop_gradient(matrix), u, iterations)
    u, v = ops.stop_gradient(u), ops.stop_gradient(v)
    return ops.sum(u * ops.matmul(matrix, v)), u


def _unit(x: keras.KerasTensor) -> keras.KerasTensor:
    return x * ops.rsqrt(ops.maximum(ops.sum(ops.square(x)), 1e-24))


@keras.saving.register_keras_serializable(package="nlpx")
class SpectralNorm(keras.layers.Layer):
    """y = layer(x) with the weight W / sigma(W) in place of W, which stays the parameter.

    sigma = u^T W v with u, v constant, so that the gradient passes sigma and <W, dL/dW> = 0. W is taken as a
    matrix (..., outputs). u starts random and is kept; `iterate` improves it, no call changes it, so that all
    calls between two updates see the same norm. For the factors of a batch normalization, sigma = max |w|.

    Args:
        layer: has a kernel, an embedding table, or factors gamma: Dense, Conv2D, Embedding,
            BatchNormalization, ...

    Raises:
        ValueError: the layer has none of them.
    """

    def __init__(self, layer: keras.layers.Layer, **kwargs: object) -> None:
        super().__init__(**{"name": layer.name, "dtype": layer.dtype_policy} | kwargs)
        self.layer = layer

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Create the weights of the layer, and u."""
        self.layer.build(input_shape)
        self.u: keras.Variable | None = None
        shape = self.weight.shape
        if len(shape) > 1:
            self.u = self.add_weight(
                (math.prod(shape[:-1]),),
                "random_normal",
                "float32",
                trainable=False,
                autocast=False,
                name="u",
            )
        self.built = True

    @property
    def weight(self) -> keras.Variable:
        """W, a variable of the layer."""
        for name in ("kernel", "embeddings", "gamma"):
            if getattr(self.layer, name, None) is not None:
                return getattr(self.layer, name)
        raise ValueError(f"{self.layer.name} has no kernel, embeddings or gamma to normalize")

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        return self.layer.compute_output_shape(input_shape)

    def call(
        self, x: keras.KerasTensor, mask: keras.KerasTensor | None = None, training: bool | None = None
    ) -> keras.KerasTensor:
        norm, layer, weight = self.norm(), self.layer, self.weight

        def used(variables: Sequence[keras.Variable]) -> list[keras.KerasTensor]:
            return [ops.cast(v.value, "float32") / norm if v is weight else v.value for v in variables]

        taken = inspect.signature(layer.call).parameters
        named = {"mask": mask, "training": training}
        named = {name: value for name, value in named.items() if name in taken and value is not None}
        state = layer.non_trainable_variables
        outputs, updated = layer.stateless_call(used(layer.trainable_variables), used(state), x, **named)
        if layer.trainable and training:
            for variable, value in zip(state, updated, strict=True):
                variable.assign(value)
        return outputs

    def norm(self) -> keras.KerasTensor:
        """sigma(W), differentiable in W."""
        return self._norm()[0]

    def iterate(self) -> None:
        """One step of the power iteration: once per update of the weights."""
        if self.u is not None:
            self.u.assign(self._norm()[1])

    def _norm(self) -> tuple[keras.KerasTensor, keras.KerasTensor | None]:
        weight = ops.convert_to_tensor(self.weight, "float32")
        return spectral_norm(weight, None if self.u is None else self.u.value)


class Chain(keras.layers.Layer):
    """Layers that follow one another; a subclass sets `chain`."""

    chain: list[keras.layers.Layer]

    @property
    def normalized(self) -> list[SpectralNorm]:
        """Those with a spectral norm."""
        return [layer for layer in self.chain if isinstance(layer, SpectralNorm)]

    def last(self, outputs: tuple[int, ...], spectral_norm: bool) -> list[keras.layers.Layer]:
        """A dense layer with outputs of a shape."""
        dense = keras.layers.Dense(math.prod(outputs), name="last", dtype=self.dtype_policy)
        return [normalized_if(spectral_norm, dense), keras.layers.Reshape(outputs)]

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Create the weights of all layers."""
        shape = tuple(input_shape)
        for layer in self.chain:
            layer.build(shape)
            shape = layer.compute_output_shape(shape)
        self.built = True

    def call(self, x: keras.KerasTensor, training: bool = False) -> keras.KerasTensor:
        for layer in self.chain:
            x = layer(x, training=training) if isinstance(layer, keras.layers.Dropout) else layer(x)
        return x


def normalized_if(spectral_norm: bool, layer: keras.layers.Layer) -> keras.layers.Layer:
    """The layer, with a spectral norm if it should have one."""
    return SpectralNorm(layer) if spectral_norm else layer
