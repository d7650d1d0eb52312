"""Samples that are kept from step to step, in place of a generator."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import keras
import tensorflow as tf


class Replay(keras.layers.Layer):
    """z (B, L) -> kept samples (B, *shape), chosen by the first number of z; all are equally likely.

    `advance` also moves the chosen samples by Langevin dynamics and keeps the result.

    Args:
        size: number of samples.
        fresh: share of the samples that begin again, uniformly between -extent and extent.
        steps: of a chain.
        step_size: e of a step x' = x - e/2 U'(x) + sqrt(e T) a.
        temperature: T; the density is e^(-U/T).
        extent: largest coordinate at the beginning.
        shape: of a sample.
    """

    normalized: Sequence[keras.layers.Layer] = ()

    def __init__(
        self,
        size: int,
        fresh: float,
        steps: int,
        step_size: float,
        temperature: float,
        extent: float,
        shape: Sequence[int],
        **kwargs: object,
    ) -> None:
        super().__init__(trainable=False, **kwargs)
        self.size, self.fresh, self.steps = size, fresh, steps
        self.step_size, self.temperature = step_size, temperature
        self.extent, self.shape = extent, tuple(shape)
        self.seed = keras.random.SeedGenerator()

    def build(self, input_shape: Sequence[int | None]) -> None:
        start = keras.initializers.RandomUniform(-self.extent, self.extent)
        self.samples = self.add_weight((self.size, *self.shape), start, "float32", name="samples")
        self.built = True

    def call(self, noise: tf.Tensor) -> tf.Tensor:
        return tf.gather(self.samples.value, self._places(noise))

    def advance(self, noise: tf.Tensor, energy: Callable[[tf.Tensor], tf.Tensor], keep: bool) -> tf.Tensor:
        """The samples of z after a chain, whose energies are given by a function; kept if `keep`."""
        places = self._places(noise)
        shape = (tf.shape(noise)[0], *self.shape)
        anew = keras.random.uniform(shape, -self.extent, self.extent, seed=self.seed)
        lost = keras.random.uniform((shape[0], *[1] * len(self.shape)), seed=self.seed) < self.fresh
        start = tf.where(lost, anew, tf.gather(self.samples.value, places))
        scale = math.sqrt(self.step_size * self.temperature)
        kicks = keras.random.normal((self.steps, *shape), stddev=scale, seed=self.seed)

        def moved(points: tf.Tensor, kick: tf.Tensor) -> tf.Tensor:
            with tf.GradientTape() as tape:
                tape.watch(points)
                energies = tf.reduce_sum(energy(points))
            return points - self.step_size / 2 * tape.gradient(energies, points) + kick

        points = tf.stop_gradient(tf.foldl(moved, kicks, start))
        if keep:
            self.samples.assign(tf.tensor_scatter_nd_update(self.samples.value, places[:, None], points))
        return points

    def _places(self, noise: tf.Tensor) -> tf.Tensor:
        """Rows (B,) int32, uniform for normal z."""
        uniform = (1 + tf.math.erf(noise[:, 0] / math.sqrt(2))) / 2
        return tf.minimum(tf.cast(uniform * self.size, tf.int32), self.size - 1)
