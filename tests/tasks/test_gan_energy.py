"""A generator of maximum entropy: three networks, sampling from the energy, images of it."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from nlpx.components.losses.adversarial import DiscriminatorPenalty
from nlpx.components.losses.maximum_entropy import MaximumEntropy
from nlpx.components.networks.dense import Dense
from nlpx.core.build import build
from nlpx.tasks.gan.drawing import SIZE, landscape
from nlpx.tasks.gan.learner import GanLearner, GanNetworks
from tests.resume.runs import same
from tests.tasks.conftest import Command, nlpx
from tests.tasks.test_gan_learner import total
from tests.trained import TrainOnce

__all__ = ["nlpx"]

TINY = """\
task: gan
data: {source: {type: point_cloud, train: 300, valid: 100, test: 100}}
model:
  latent: 2
  generator: {type: dense, units: [16]}
  discriminator: {type: dense, units: [16], activation: silu}
  encoder: {type: dense, units: [8], spectral_norm: true}
loss: {type: maximum_entropy, entropy: 0.5, penalty: {at: real, weight: 0.1}}
tricks: [{type: ema, momentum: 0.9}]
train: {steps: 8, batch_size: 32, evaluate_every: 8, evaluation_batch_size: 64, log_every: 4}
checkpoint: {every: 4}
"""


def learner(objective: MaximumEntropy | None = None, joint: bool = False) -> GanLearner:
    keras.utils.set_random_seed(5)
    shapes = {"generator": (2,), "discriminator": (), "encoder": (3,)}
    parts = {
        name: build(Dense(units=[6], activation="tanh"), outputs=shape, name=name)
        for name, shape in shapes.items()
    }
    return GanLearner(GanNetworks(**parts, latent=3, shape=(2,)), objective or MaximumEntropy(), joint=joint)


BATCH = {"sample": np.random.default_rng(0).normal(size=(8, 2)).astype(np.float32)}


def terms_of(learner: GanLearner) -> dict[str, float]:
    learner.model.random.state.assign([1, 1])
    return {name: float(t.sum / t.weight) for name, t in learner.losses(BATCH, 0, training=True).items()}


def test_the_terms_by_hand() -> None:
    found = learner(MaximumEntropy(entropy=0.3, penalty=DiscriminatorPenalty(at="real", weight=2)))
    terms, model = terms_of(found), found.model
    model.random.state.assign([1, 1])
    noise = model.noise(8)
    made = model.generate(noise)
    assert terms["discriminator"] == pytest.approx(np.mean(model.score(BATCH["sample"]) - model.score(made)))
    assert terms["generator"] == pytest.approx(np.mean(model.score(made)))
    error = np.square(np.asarray(noise) - np.asarray(model.encoder(made))).sum(1).mean()
    assert terms["entropy"] == pytest.approx(error, rel=1e-5)
    _, slopes = found.energy(BATCH["sample"], latent=False)
    assert terms["penalty"] == pytest.approx(np.square(slopes).sum(1).mean(), rel=1e-5)
    coefficients = {name: term.coefficient for name, term in found.losses(BATCH, 0, training=True).items()}
    assert coefficients == {"discriminator": 1, "generator": 1, "penalty": 2, "entropy": 0.3}


def test_the_encoder_is_trained_with_the_generator() -> None:
    found = learner()
    judging, generating = found.phases
    assert (judging.terms, generating.terms) == (["discriminator", "penalty"], ["generator", "entropy"])
    model = found.model
    assert {id(v) for v in generating.variables} == {
        id(v) for layer in (model.generator, model.encoder) for v in layer.variables
    }
    groups = [model.generator, model.encoder, model.discriminator]
    for joint, reached in ((False, [True, True, False]), (True, [True, True, False])):
        made = found if not joint else learner(joint=True)
        groups = [made.model.generator, made.model.encoder, made.model.discriminator]
        with tf.GradientTape() as tape:
            objective = total({"entropy": made.losses(BATCH, 0, training=True)["entropy"]})
        slopes = tape.gradient(objective, [group.trainable_variables[0].value for group in groups])
        assert [slope is not None for slope in slopes] == reached


def test_the_phases_of_a_normal_energy_have_the_gradient_of_its_likelihood() -> None:
    """U = (x - m)^2 / 2 with samples of its own density: d/dm is that of the negative log-likelihood."""
    data = np.random.default_rng(0).normal(1.5, 0.5, 500).astype(np.float32)
    standard = np.random.default_rng(1).normal(size=400_000).astype(np.float32)
    mean = tf.Variable(0.7)
    with tf.GradientTape() as tape:
        energies = [tf.square(x - mean) / 2 for x in (data, tf.stop_gradient(mean + standard))]
        objective = tf.reduce_mean(energies[0]) - tf.reduce_mean(energies[1])
    assert float(tape.gradient(objective, mean)) == pytest.approx(0.7 - data.mean(), abs=0.01)


@pytest.mark.parametrize("latent", [False, True])
def test_gradients_of_energies_are_those_of_finite_differences(latent: bool) -> None:
    found = learner()
    points = np.random.default_rng(3).normal(size=(4, 3 if latent else 2)).astype(np.float32)
    energies, slopes = found.energy(points, latent)
    if latent:
        np.testing.assert_allclose(energies, found.energy(found.raw(points), False)[0], rtol=1e-5)
    for axis, unit in enumerate(1e-2 * np.eye(points.shape[1], dtype=np.float32)):
        ends = [found.energy(points + sign * unit, latent)[0] for sign in (1, -1)]
        np.testing.assert_allclose(slopes[:, axis], (ends[0] - ends[1]) / 2e-2, rtol=0.02, atol=1e-3)


def test_resume_is_exact(nlpx: Command, trained_once: TrainOnce, tmp_path: Path) -> None:
    whole = trained_once(TINY)
    killed = whole.killed(6, tmp_path)
    assert nlpx("train", "--resume", killed).code == 0
    same(whole.path, killed)


@pytest.mark.parametrize("space", ["data", "latent"])
def test_sampling_lowers_the_energy(
    nlpx: Command, trained_once: TrainOnce, space: str, tmp_path: Path
) -> None:
    """Without noise to speak of, it is gradient descent; the first samples are the same for every count."""
    run, energies = trained_once(TINY).path, []
    options = f"decode={{type: langevin, space: {space}, steps: 20, step_size: 1e-4, adjusted: false}}"
    warm = f"decode={{type: langevin, space: {space}, steps: 20, step_size: 0.1, prior: 1}}"
    for name, sets in (("plain", ()), ("cold", ("--set", options)), ("warm", ("--set", warm))):
        shown = nlpx("predict", run, "--count", "100", *sets, "--output", tmp_path / f"{name}.npz")
        assert shown.code == 0, shown.err
        with np.load(tmp_path / f"{name}.npz") as file:
            energies.append(file["samples"])
    assert 0 < np.abs(energies[1] - energies[0]).max() < 0.2
    assert np.abs(energies[2] - energies[0]).max() > 0.1
    first = nlpx("predict", run, "--count", "3", "--set", warm).out.splitlines()
    assert [tuple(map(float, line.split("\t"))) for line in first] == [
        pytest.approx(tuple(point), rel=1e-4, abs=1e-5) for point in energies[2][:3]
    ]
    assert nlpx("eval", run, "--set", warm, "--json").code == 0


def test_probe_draws_the_energy(nlpx: Command, trained_once: TrainOnce, tmp_path: Path) -> None:
    run = trained_once(TINY).path
    assert nlpx("probe", run, "--layer", "energy", "--output", tmp_path / "e.png").code == 0
    with Image.open(tmp_path / "e.png") as image:
        assert image.size == (960, 960)
    assert nlpx("probe", run, "--layer", "energy", "--layer", "energy_extent", "--output", tmp_path / "e.npz")
    with np.load(tmp_path / "e.npz") as file:
        assert file["energy"].shape == (96, 96)
        assert (file["energy_extent"][0] < file["energy_extent"][1]).all()
    assert "energy" in nlpx("probe", run, "--list").out


def test_a_landscape_is_white_where_the_energy_is_low() -> None:
    """Rows begin at the top; points are red."""
    energies = np.array([[0.0, 1.0], [np.nan, 2.0]])
    image = landscape(energies, np.array([[0.25, 0.25]]), np.zeros(2), np.ones(2))
    quarter = SIZE // 4
    corners = [image[y, x, 0] for y in (quarter, 3 * quarter + 9) for x in (quarter, 3 * quarter + 9)]
    assert corners == [255, 128, 0, 0]
    assert image[3 * quarter, quarter].tolist() == [200, 40, 40]
