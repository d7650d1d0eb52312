"""Layer of stacks of convolutions with a capsule for every class."""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import ops

from nlpx.layers.capsule import Capsule
from nlpx.layers.conv_stack import conv_stacks
from nlpx.layers.spectral_norm import Chain


@keras.saving.register_keras_serializable(package="nlpx")
class CapsuleConvNetwork(Chain):
    """Convolutions, routing, lengths; (B, H, W, C) -> (B, classes), with the options of `CapsuleConv`."""

    def __init__(
        self,
        filters: Sequence[Sequence[int]],
        kernel_size: int,
        size: int,
        routings: int,
        accumulate: bool,
        squash: float,
        squash_inside: bool,
        activation: str,
        spectral_norm: bool,
        outputs: Sequence[int],
        **kwargs: object,
    ) -> None:
        super().__init__(**kwargs)
        (classes,) = outputs
        options = {"name": "capsules", "dtype": self.dtype_policy}
        self.chain = [
            *conv_stacks(filters, kernel_size, activation, spectral_norm, self.dtype_policy),
            keras.layers.Reshape((-1, filters[-1][-1])),
            Capsule(classes, size, routings, True, accumulate, squash, squash_inside, **options),
            _Length(name="lengths"),
        ]


@keras.saving.register_keras_serializable(package="nlpx")
class _Length(keras.layers.Layer):
    """Vectors (..., D) -> their lengths."""

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        return tuple(input_shape[:-1])

    def call(self, v: keras.KerasTensor) -> keras.KerasTensor:
        square = ops.sum(ops.square(ops.cast(v, "float32")), -1)
        return ops.cast(ops.sqrt(ops.maximum(square, 1e-12)), self.compute_dtype)
