"""Noise that is added to gradients."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr

from nlpx.components.tricks.base import Pair, Trick
from nlpx.components.varying import Varying, now
from nlpx.core.lazy import keras, tf
from nlpx.core.options import NonNegativeFloat, Pattern, PositiveFloat


class GradientNoise(Trick):
    """Add Gaussian noise to the gradients, less and less of it.

    g <- g + N(0, variance / (1 + t)^decay), t updates made before

    Options:
        variance: of the noise in the first update; may follow a schedule, usually with `decay: 0`.
        decay: how fast it falls; 0 for not at all.
        only: patterns of the names of the variables; null for all.
    Shapes: as the weights.
    Data: any.
    Relations: helps deep models out of poor initial values; too much of it hides the gradient, whose size is
        recorded as train/gradient_norm: the noise has about sqrt(parameters * variance). The noise is a
        function of the seed of the config, the name of the variable and t. List `gradient_clip` before it to
        add the noise to clipped gradients. Draws a random number for each weight, which takes as long as a
        step itself where embeddings are large.
    Reference: Neelakantan et al. 2015, arXiv 1511.06807.
    Example:
        tricks:
          - {type: gradient_noise, variance: 1e-4}
    """

    type: Literal["gradient_noise"] = "gradient_noise"
    variance: Varying[PositiveFloat] = 1e-4
    decay: NonNegativeFloat = 0.55
    only: Annotated[list[Pattern], Field(min_length=1)] | None = None

    _group: list[Any] = PrivateAttr(default_factory=list)
    _updates: list[Any] = PrivateAttr(default_factory=list)

    def build(self, weights: Sequence[keras.Variable]) -> None:
        self._group = [v for v in self.chosen(self.only, weights, "only") if v.trainable]
        self._updates = [keras.Variable(0, dtype="int32", trainable=False, name="gradient_noise_updates")]

    @property
    def variables(self) -> list[keras.Variable]:
        return self._updates

    def gradients(self, pairs: Sequence[Pair]) -> list[Pair]:
        mine, updates = set(map(id, self._group)), self._updates[0].value
        deviation = tf.sqrt(now(self.variance) / (1.0 + tf.cast(updates, tf.float32)) ** self.decay)
        return [
            (gradient + deviation * self._normal(variable, updates), variable)
            if gradient is not None and id(variable) in mine
            else (gradient, variable)
            for gradient, variable in pairs
        ]

    def update(self, weights: Sequence[keras.Variable]) -> None:
        self._updates[0].assign_add(1)

    def describe(self) -> list[str]:
        return [] if self.only is None else [self.group("gradients of", self._group)]

    def _normal(self, variable: keras.Variable, updates: tf.Tensor) -> tf.Tensor:
        seed = tf.stack(
            [tf.constant(zlib.crc32(f"{self.course.seed} {self.names[variable]}".encode()) >> 1), updates]
        )
        return tf.random.stateless_normal(variable.shape, seed)
