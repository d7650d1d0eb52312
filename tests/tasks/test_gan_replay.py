"""An energy without a generator: kept samples, their chains, exact resume."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpx.components.losses.contrastive_energy import ContrastiveEnergy
from nlpx.components.networks.dense import Dense
from nlpx.core.build import build
from nlpx.tasks.gan.learner import GanLearner, GanNetworks
from nlpx.tasks.gan.replay_layer import Replay
from tests.resume.runs import same
from tests.tasks.conftest import Command, nlpx
from tests.trained import TrainOnce

__all__ = ["nlpx"]

TINY = """\
task: gan
data: {source: {type: point_cloud, train: 300, valid: 100, test: 100}}
model:
  latent: 2
  replay: {size: 100, steps: 3, fresh: 0.2, step_size: 0.01, temperature: 0.5}
  discriminator: {type: dense, units: [16], spectral_norm: true}
loss: {type: contrastive_energy, squares: 0.3}
tricks: [{type: ema, momentum: 0.9}]
train: {steps: 8, batch_size: 32, evaluate_every: 8, evaluation_batch_size: 64, log_every: 4}
checkpoint: {every: 4}
"""


def replay(**changed: float) -> Replay:
    keras.utils.set_random_seed(1)
    options = {
        "size": 50,
        "fresh": 0.0,
        "steps": 200,
        "step_size": 0.1,
        "temperature": 1.0,
        "extent": 1.0,
        **changed,
    }
    layer = Replay(**options, shape=(1,))  # type: ignore[arg-type]  # numbers
    layer.build((None, 2))
    return layer


def square(points: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(tf.square(points - 3.0), -1) / 2


@pytest.mark.parametrize("temperature", [1.0, 0.09])
def test_chains_reach_the_density_of_the_energy(temperature: float) -> None:
    """Normal around 3, with the variance of unadjusted Langevin dynamics."""
    layer = replay(size=3000, temperature=temperature)
    noise = tf.constant(np.random.default_rng(0).normal(size=(2500, 2)).astype(np.float32))
    points = layer.advance(noise, square, keep=False).numpy()
    assert points.mean() == pytest.approx(3.0, abs=0.07)
    assert points.var() == pytest.approx(temperature / (1 - 0.1 / 4), rel=0.1)


def test_what_is_kept() -> None:
    layer = replay(steps=2)
    before = layer.samples.numpy()
    assert (np.abs(before) <= 1).all()
    noise = tf.constant([[-9.0, 0.0], [0.0, 0.0], [9.0, 0.0]])
    np.testing.assert_array_equal(layer(noise), before[[0, 25, 49]])
    layer.advance(noise, square, keep=False)
    np.testing.assert_array_equal(layer.samples.numpy(), before)
    points = layer.advance(noise, square, keep=True)
    np.testing.assert_array_equal(layer.samples.numpy()[[0, 25, 49]], points)
    np.testing.assert_array_equal(
        np.delete(layer.samples.numpy(), [0, 25, 49], 0), np.delete(before, [0, 25, 49], 0)
    )
    np.testing.assert_array_equal(layer(noise), points)


def test_fresh_samples_begin_anywhere() -> None:
    layer = replay(steps=1, step_size=1e-12, fresh=0.25, size=2)
    layer.samples.assign(np.full((2, 1), 7, np.float32))
    points = layer.advance(tf.zeros((4000, 2)), square, keep=False).numpy()
    begun = np.abs(points - 7) > 1e-3
    assert begun.mean() == pytest.approx(0.25, abs=0.03)
    assert np.abs(points[begun]).max() <= 1 and points[begun].std() == pytest.approx(3**-0.5, abs=0.04)


def test_the_terms_and_their_gradients() -> None:
    """By hand; the samples have no gradient of their own."""
    keras.utils.set_random_seed(5)
    energy = build(Dense(units=[6], activation="tanh"), outputs=(), name="discriminator")
    layer = Replay(50, 0.0, 2, 0.1, 1.0, 1.0, shape=(1,))
    model = GanNetworks(layer, energy, latent=2, shape=(1,))
    learner = GanLearner(model, ContrastiveEnergy(squares=0.3))
    (phase,) = learner.phases
    assert phase.terms == ["discriminator", "squares"]
    assert not {id(v) for v in model.generator.variables} & {id(v) for v in phase.variables}
    values = {
        "mask": tf.ones(2, tf.bool),
        "real_score": tf.constant([1.0, 2]),
        "fake_score": tf.constant([3.0, 1]),
    }
    terms = learner.objective(values, 0)
    assert {n: (float(t.sum), float(t.weight), t.coefficient) for n, t in terms.items()} == {
        "discriminator": (-1, 2, 1),
        "squares": (15, 2, pytest.approx(0.3)),
    }
    batch = {"sample": np.random.default_rng(0).normal(size=(8, 1)).astype(np.float32)}
    before = model.generator.samples.numpy()
    learner.losses(batch, 0, training=False)
    np.testing.assert_array_equal(model.generator.samples.numpy(), before)
    learner.losses(batch, 0, training=True)
    assert (model.generator.samples.numpy() != before).any()


def test_resume_is_exact_and_what_a_run_is_good_for(
    nlpx: Command, trained_once: TrainOnce, tmp_path: Path
) -> None:
    """Kept samples are saved."""
    whole = trained_once(TINY)
    killed = whole.killed(6, tmp_path)
    assert nlpx("train", "--resume", killed).code == 0
    same(whole.path, killed)
    five = nlpx("predict", killed, "--count", "5").out.splitlines()
    assert len(five) == 5 and nlpx("predict", killed, "--count", "2").out.splitlines() == five[:2]
    moved = nlpx("predict", killed, "--count", "5", "--set", "decode=langevin").out.splitlines()
    assert len(moved) == 5 and moved != five
