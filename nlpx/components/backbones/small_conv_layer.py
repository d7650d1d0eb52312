"""Layer of the small convolutional network."""

from __future__ import annotations

from collections.abc import Sequence

import keras


@keras.saving.register_keras_serializable(package="nlpx")
class SmallConv(keras.layers.Layer):
    """Stages relu(normalize(conv(x))) with max pooling after all but the last, then dropout of channels.

    Images (B, S, S, 3) with values 0 to 255 -> (B, H, W, filters[-1]), with the options of the component.
    """

    def __init__(self, filters: Sequence[int], kernel_size: int, dropout: float, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.convolutions = [
            keras.layers.Conv2D(width, kernel_size, padding="same", use_bias=False, name=f"conv{i}")
            for i, width in enumerate(filters, start=1)
        ]
        self.normalizations = [
            keras.layers.BatchNormalization(momentum=0.95, name=f"norm{i}")
            for i in range(1, len(filters) + 1)
        ]
        self.pool = keras.layers.MaxPooling2D(2)
        self.dropout = keras.layers.SpatialDropout2D(dropout)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the weights of every stage."""
        shape = tuple(input_shape)
        for convolution, normalization in zip(self.convolutions, self.normalizations, strict=True):
            convolution.build(shape)
            shape = (*shape[:-1], convolution.filters)
            normalization.build(shape)
        self.built = True

    @property
    def blocks(self) -> list[keras.layers.Layer]:
        """The parts with weights, in order."""
        pairs = zip(self.convolutions, self.normalizations, strict=True)
        return [layer for pair in pairs for layer in pair]

    def call(self, x: keras.KerasTensor, training: bool = False) -> keras.KerasTensor:
        x = keras.ops.cast(x, self.compute_dtype) / 127.5 - 1.0
        last = len(self.convolutions) - 1
        for i, (convolution, normalization) in enumerate(
            zip(self.convolutions, self.normalizations, strict=True)
        ):
            x = keras.ops.relu(normalization(convolution(x), training=training))
            if i < last:
                x = self.pool(x)
        return self.dropout(x, training=training)
