"""Learner of the task gan: two networks, trained in two phases or by a single loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras
import numpy as np
import tensorflow as tf

from nlpx.components.losses.base import Loss, Term
from nlpx.core.build import build
from nlpx.core.phase import Phase
from nlpx.models.learner import Learner
from nlpx.tasks.gan.config import Gan

SCALE = 127.5
"""Half of the range of a pixel: networks see images between -1 and 1."""


class GanNetworks(keras.Model):
    """A generator and a discriminator.

    Args:
        generator: layer (B, latent) -> (B, *shape); its tanh is between -1 and 1 for images.
        discriminator: layer (B, *shape) -> (B,).
        latent: width of the noise.
        shape: of a sample, (2,) for points, (S, S, C) for images.
    """

    def __init__(
        self,
        generator: keras.layers.Layer,
        discriminator: keras.layers.Layer,
        latent: int,
        shape: Sequence[int],
    ) -> None:
        super().__init__(name="gan")
        self.generator, self.discriminator = generator, discriminator
        self.latent, self.images = latent, len(shape) == 3
        self.random = keras.random.SeedGenerator()
        generator.build((None, latent))
        discriminator.build((None, *shape))
        self.built = True

    def noise(self, count: int) -> tf.Tensor:
        """z, (count, latent)."""
        return keras.random.normal((count, self.latent), seed=self.random)

    def generate(self, noise: tf.Tensor) -> tf.Tensor:
        """z (B, latent) -> samples (B, *shape) float32."""
        samples = tf.cast(self.generator(noise), tf.float32)
        return tf.tanh(samples) if self.images else samples

    def score(self, samples: tf.Tensor) -> tf.Tensor:
        """Samples (B, *shape) -> scores (B,) float32, low for real samples."""
        return tf.cast(self.discriminator(samples), tf.float32)

    def real(self, samples: tf.Tensor) -> tf.Tensor:
        """Samples of a batch as the networks see them, float32."""
        samples = tf.cast(samples, tf.float32)
        return samples / SCALE - 1.0 if self.images else samples

    def call(self, noise: tf.Tensor) -> tf.Tensor:
        """The scores of generated samples."""
        return self.score(self.generate(noise))


class GanLearner(Learner[GanNetworks]):
    """Two networks with an adversarial objective. A batch holds `sample` (B, *shape).

    alternating: the phase `discriminator` minimizes the terms `discriminator` and `penalty`, the phase
    `generator` its own term, on other batches. joint: one phase minimizes

        L_D(D(x), D(sg G(z))) + w (L_G(D(G(z))) - L_G(D(sg G(z))))

    in which the bracket, the term `bracket`, is always 0, and its gradient is that of the generator.

    Args:
        model: the networks.
        objective: gives the terms.
        joint: whether one loss trains both.
        discriminator_steps: steps of the discriminator per step of the generator.
    """

    def __init__(
        self, model: GanNetworks, objective: Loss, *, joint: bool = False, discriminator_steps: int = 1
    ) -> None:
        super().__init__(model, objective)
        self._joint = joint
        self._steps = discriminator_steps
        self._generate = tf.function(model.generate, reduce_retracing=True, autograph=False)
        self._score = tf.function(model.score, reduce_retracing=True, autograph=False)

    @property
    def phases(self) -> Sequence[Phase]:
        if self._joint:
            return ()
        model = self.model
        judging = [*model.discriminator.variables, *self.objective.variables]
        terms = ["discriminator", *(["penalty"] if self._places else [])]
        return [
            Phase("discriminator", judging, terms, repeat=self._steps),
            Phase("generator", model.generator.variables, ["generator"]),
        ]

    @property
    def _places(self) -> list[str]:
        """Where the objective reads the gradient of the score."""
        return [place for place in ("real", "fake", "mixed") if f"{place}_gradient" in self.objective.reads]

    def losses(
        self, batch: Mapping[str, tf.Tensor], step: tf.Tensor | int, training: bool
    ) -> Mapping[str, Term]:
        values = self.values(batch, training)
        terms = dict(self.objective(values, step))
        if self._joint:
            generator = terms["generator"]
            echo = self.objective({**values, "generator_score": values["fake_score"]}, step)["generator"]
            terms["bracket"] = generator._replace(sum=generator.sum - echo.sum)
            terms["generator"] = generator._replace(sum=tf.stop_gradient(generator.sum), coefficient=0.0)
        return terms

    def values(self, batch: Mapping[str, tf.Tensor], training: bool) -> Mapping[str, tf.Tensor]:
        """The scores, and the gradients that the objective reads."""
        model = self.model
        real = model.real(batch["sample"])
        count = tf.shape(real)[0]
        if training:
            for layer in (*model.generator.normalized, *model.discriminator.normalized):
                layer.iterate()
        generated = model.generate(model.noise(count))
        fake = tf.stop_gradient(generated)
        values = {
            "mask": tf.ones((count,), tf.bool),
            "real_score": model.score(real),
            "fake_score": model.score(fake),
            "generator_score": model.score(generated),
        }
        for place in self._places:
            values[f"{place}_gradient"] = self._squared_gradient(place, real, fake)
        return values

    def _squared_gradient(self, place: str, real: tf.Tensor, fake: tf.Tensor) -> tf.Tensor:
        """The squared norm of the gradient of the score in a sample, (B,)."""
        if place == "mixed":
            shape = [tf.shape(real)[0], *[1] * (len(real.shape) - 1)]
            points = fake + keras.random.uniform(shape, seed=self.model.random) * (real - fake)
        else:
            points = real if place == "real" else fake
        with tf.GradientTape() as tape:
            tape.watch(points)
            scores = tf.reduce_sum(self.model.score(points))
        gradient = tape.gradient(scores, points)
        return tf.reduce_sum(tf.square(gradient), range(1, len(gradient.shape)))

    def generate(self, noise: np.ndarray) -> np.ndarray:
        """z (B, latent) float32 -> samples (B, *shape): points float32, images uint8."""
        samples = self._generate(tf.constant(noise)).numpy()
        if not self.model.images:
            return samples
        return np.rint((samples + 1.0) * SCALE).clip(0, 255).astype(np.uint8)

    def score(self, samples: np.ndarray) -> np.ndarray:
        """Samples as `generate` gives them -> scores (B,) float32."""
        return self._score(self.model.real(tf.constant(samples))).numpy()


def gan_learner(experiment: Gan) -> GanLearner:
    """Two networks with fresh weights."""
    section, train, shape = experiment.model, experiment.train, experiment.shape
    generator = build(section.generator, outputs=shape, name="generator")
    discriminator = build(section.discriminator, outputs=(), name="discriminator")
    model = GanNetworks(generator, discriminator, section.latent, shape)
    return GanLearner(
        model,
        experiment.loss,
        joint=train.update == "joint",
        discriminator_steps=train.discriminator_steps,
    )
