"""Learner of the task gan: its networks, trained in two phases or by a single loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from nlpx.components.losses.base import Loss, Term
from nlpx.core.build import build
from nlpx.core.phase import Phase
from nlpx.data.items import Field
from nlpx.layers.compiled import Compiled
from nlpx.models.learner import Exportable, InferenceGraph, Learner, row_inputs
from nlpx.tasks.gan.codec import SCALE
from nlpx.tasks.gan.config import Gan
from nlpx.tasks.gan.replay_layer import Replay


class GanNetworks(keras.Model):
    """A generator, a discriminator, and optionally an encoder.

    Args:
        generator: layer (B, latent) -> (B, *shape); its tanh is between -1 and 1 for images. Or `Replay`.
        discriminator: layer (B, *shape) -> (B,).
        latent: width of the noise.
        shape: of a sample, (2,) for points, (S, S, C) for images.
        encoder: layer (B, *shape) -> (B, latent), which finds the noise of a generated sample.
    """

    def __init__(
        self,
        generator: keras.layers.Layer,
        discriminator: keras.layers.Layer,
        latent: int,
        shape: Sequence[int],
        encoder: keras.layers.Layer | None = None,
    ) -> None:
        super().__init__(name="gan")
        self.generator, self.discriminator = generator, discriminator
        if encoder is not None:
            encoder.build((None, *shape))
        self.encoder: Any = encoder
        self.replays = isinstance(generator, Replay)
        self.latent, self.images = latent, len(shape) == 3
        self.random = keras.random.SeedGenerator()
        generator.build((None, latent))
        discriminator.build((None, *shape))
        self.built = True

    @property
    def generating(self) -> list[keras.layers.Layer]:
        """The generator, and the encoder if there is one, which are trained together."""
        return [self.generator, *([] if self.encoder is None else [self.encoder])]

    def noise(self, count: int) -> tf.Tensor:
        """z, (count, latent)."""
        return keras.random.normal((count, self.latent), seed=self.random)

    def generate(self, noise: tf.Tensor) -> tf.Tensor:
        """z (B, latent) -> samples (B, *shape) float32."""
        samples = tf.cast(self.generator(noise), tf.float32)
        return tf.tanh(samples) if self.images and not self.replays else samples

    def score(self, samples: tf.Tensor) -> tf.Tensor:
        """Samples (B, *shape) -> scores (B,) float32, low for real samples."""
        return tf.cast(self.discriminator(samples), tf.float32)

    def noise_error(self, noise: tf.Tensor, samples: tf.Tensor) -> tf.Tensor:
        """|z - E(x)|^2 for noise (B, latent) and samples (B, *shape), (B,) float32."""
        found = tf.cast(self.encoder(samples), tf.float32)
        return tf.reduce_sum(tf.square(noise - found), -1)

    def real(self, samples: tf.Tensor) -> tf.Tensor:
        """Samples of a batch as the networks see them, float32."""
        samples = tf.cast(samples, tf.float32)
        return samples / SCALE - 1.0 if self.images else samples

    def call(self, noise: tf.Tensor) -> tf.Tensor:
        """The scores of generated samples."""
        return self.score(self.generate(noise))


class GanLearner(Learner[GanNetworks]):
    """Networks with an adversarial objective. A batch holds `sample` (B, *shape).

    alternating: the phase `discriminator` minimizes the terms `discriminator` and `penalty`, the phase
    `generator` those of the generator and of the encoder, on other batches. joint: one phase minimizes

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
        self._generate = Compiled(model.generate)
        self._score = Compiled(model.score)
        self._energy = {
            latent: Compiled(partial(self._traced_energy, latent=latent)) for latent in (False, True)
        }

    @property
    def phases(self) -> Sequence[Phase]:
        if self._joint:
            return ()
        model = self.model
        judging = [*model.discriminator.variables, *self.objective.variables]
        if model.replays:
            return [Phase("discriminator", judging, ["discriminator", "squares"], repeat=self._steps)]
        terms = ["discriminator", *(["penalty"] if self._places else [])]
        generating = [variable for layer in model.generating for variable in layer.variables]
        return [
            Phase("discriminator", judging, terms, repeat=self._steps),
            Phase("generator", generating, ["generator", *(["entropy"] if model.encoder else [])]),
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
            for network in (*model.generating, model.discriminator):
                for layer in network.normalized:
                    layer.iterate()
        noise = model.noise(count)
        if model.replays:
            generated = model.generator.advance(noise, model.score, keep=training)
        else:
            generated = model.generate(noise)
        fake = tf.stop_gradient(generated)
        values = {
            "mask": tf.ones((count,), tf.bool),
            "real_score": model.score(real),
            "fake_score": model.score(fake),
            "generator_score": model.score(generated),
        }
        if "noise_error" in self.objective.reads:
            values["noise_error"] = model.noise_error(noise, generated)
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

    def raw(self, noise: np.ndarray) -> np.ndarray:
        """z (B, latent) float32 -> samples as the networks see them, (B, *shape) float32."""
        return self._generate(tf.constant(noise)).numpy()

    def energy(self, points: np.ndarray, latent: bool) -> tuple[np.ndarray, np.ndarray]:
        """The score of samples as the networks see them, or of those from noise, (B,), and its gradient."""
        score, gradient = self._energy[latent](tf.constant(points))
        return score.numpy(), gradient.numpy()

    def _traced_energy(self, points: tf.Tensor, latent: bool) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(points)
            scores = self.model.score(self.model.generate(points) if latent else points)
        return scores, tape.gradient(scores, points)

    def score(self, samples: np.ndarray) -> np.ndarray:
        """Points float32, or images uint8 -> scores (B,) float32."""
        return self._score(self.model.real(tf.constant(samples))).numpy()

    def exportable(self, fields: Mapping[str, Field]) -> Exportable:
        """The graph `generate`; for points also `score`."""
        model = self.model
        noise = {"noise": tf.TensorSpec((None, model.latent), tf.float32)}
        graphs = {
            "generate": InferenceGraph(lambda batch: model.generate(batch["noise"]), noise, ("samples",))
        }
        if not model.images:
            graphs["score"] = InferenceGraph(
                lambda batch: model.score(batch["sample"]), row_inputs(fields, "sample"), ("scores",)
            )
        return Exportable(graphs, evaluates=not model.images)


def gan_learner(experiment: Gan) -> GanLearner:
    """The networks with fresh weights."""
    section, train, shape = experiment.model, experiment.train, experiment.shape
    if section.replay is None:
        generator = build(section.generator, outputs=shape, name="generator")
    else:
        generator = Replay(**dict(section.replay), shape=shape, name="replay")
    discriminator = build(section.discriminator, outputs=(), name="discriminator")
    encoder = section.encoder and build(section.encoder, outputs=(section.latent,), name="encoder")
    model = GanNetworks(generator, discriminator, section.latent, shape, encoder)
    return GanLearner(
        model,
        experiment.loss,
        joint=train.update == "joint",
        discriminator_steps=train.discriminator_steps,
    )
