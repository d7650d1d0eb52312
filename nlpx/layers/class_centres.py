"""A point for every class."""

from __future__ import annotations

import keras


class ClassCentres(keras.layers.Layer):
    """Centres C, (classes, D), and the squared distances to them: |x - C_y|^2, summed over D.

    A centre is learnt by the gradient 2 (C_y - x) of that distance: with no other term it becomes the mean of
    the points of its class. kexue.fm archive 4493; Wen et al. 2016.

    Args:
        classes: how many.
    """

    def __init__(self, classes: int, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.classes = classes

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the centres."""
        shape = (self.classes, int(input_shape[-1] or 0))
        self.centres = self.add_weight(shape, initializer="glorot_normal", name="centres")
        self.built = True

    def call(self, x: keras.KerasTensor, labels: keras.KerasTensor) -> keras.KerasTensor:
        """Points (B, D) and their classes (B,) int -> squared distances (B,) float32."""
        own = keras.ops.take(self.centres, labels, axis=0)
        difference = keras.ops.cast(x, "float32") - keras.ops.cast(own, "float32")
        return keras.ops.sum(keras.ops.square(difference), axis=-1)
