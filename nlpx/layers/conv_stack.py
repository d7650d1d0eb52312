"""Stacks of convolutions with pooling between them."""

from __future__ import annotations

from collections.abc import Sequence

import keras

from nlpx.layers.spectral_norm import normalized_if


def conv_stacks(
    filters: Sequence[Sequence[int]], kernel_size: int, activation: str, spectral_norm: bool, dtype: object
) -> list[keras.layers.Layer]:
    """Convolutions that keep the size of an image, with mean pooling that halves it between two stacks.

    (B, H, W, C) -> (B, H / 2^(n-1), W / 2^(n-1), filters[-1][-1]); edges are padded with zeros.

    Args:
        filters: channels after each convolution, by stack.
        kernel_size: size of the convolutions.
        activation: after each convolution.
        spectral_norm: whether kernels are divided by their spectral norms.
        dtype: policy of the convolutions.
    """
    layers: list[keras.layers.Layer] = []
    number = 0
    for place, stack in enumerate(filters):
        if place:
            layers.append(keras.layers.AveragePooling2D(2, name=f"pool{place}"))
        for width in stack:
            number += 1
            conv = keras.layers.Conv2D(width, kernel_size, padding="same", name=f"conv{number}", dtype=dtype)
            layers += [normalized_if(spectral_norm, conv), keras.layers.Activation(activation)]
    return layers
