"""The mathematics of the task gan: one loss and two phases, penalties, and the dynamics of the Dirac GAN."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpx.components.losses.adversarial import Adversarial, DiscriminatorPenalty
from nlpx.components.losses.base import Term
from nlpx.components.losses.hinge_gan import HingeGAN
from nlpx.components.losses.least_squares_gan import LeastSquaresGAN
from nlpx.components.losses.logistic_gan import LogisticGAN
from nlpx.components.losses.wgan import WGAN
from nlpx.components.networks.dense import Dense
from nlpx.core.build import build
from nlpx.engine.learner import phases_of
from nlpx.engine.update import Update
from nlpx.tasks.gan.learner import GanLearner, GanNetworks

X = np.array([[0.2], [-0.4], [1.1]], np.float32)
Z = np.array([[0.5], [-1.0], [0.3]], np.float32)
OBJECTIVES = (HingeGAN(), WGAN(), LeastSquaresGAN(), LogisticGAN())


class Linear(keras.layers.Layer):
    """x -> w x; as a discriminator without the last axis."""

    normalized = ()

    def __init__(self, value: float, scores: bool) -> None:
        super().__init__()
        self.start, self.scores = value, scores

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.w = self.add_weight((), keras.initializers.Constant(self.start), name="w")
        self.built = True

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return (self.w * x)[:, 0] if self.scores else self.w * x


class Fixed(GanNetworks):
    """D(x) = 0.7 x, G(z) = 1.3 z, with the same noise in every step."""

    def __init__(self) -> None:
        super().__init__(Linear(1.3, scores=False), Linear(0.7, scores=True), latent=1, shape=(1,))

    def noise(self, count: int) -> tf.Tensor:
        return tf.constant(Z)


def total(terms: Mapping[str, Term]) -> tf.Tensor:
    return tf.add_n([term.coefficient * term.sum / term.weight for term in terms.values()])


def gradients(learner: GanLearner, *names: str) -> tuple[float, list[float | None]]:
    """The objective of some terms, or of all, and its gradients in w of D and a of G."""
    variables = [learner.model.discriminator.w.value, learner.model.generator.w.value]
    with tf.GradientTape() as tape:
        terms = learner.losses({"sample": tf.constant(X)}, 0, training=True)
        found = total({name: terms[name] for name in names or terms})
    return float(found), [None if g is None else float(g) for g in tape.gradient(found, variables)]


def test_f13_single_loss() -> None:
    found, (dw, da) = gradients(GanLearner(Fixed(), HingeGAN(), joint=True))
    assert found == pytest.approx(2.2706667, abs=1e-6)
    assert [dw, da] == pytest.approx([0.3866667, -0.0466667], abs=1e-6)


@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda objective: objective.type)
@pytest.mark.parametrize("weight", [1.0, 3.0])
def test_the_single_loss_has_the_gradients_of_two_losses(objective: Adversarial, weight: float) -> None:
    """Its value is that of the discriminator alone, whatever the weight of the generator."""
    objective = objective.model_copy(update={"generator_weight": weight})
    joint, (dw, da) = gradients(GanLearner(Fixed(), objective, joint=True))
    apart = GanLearner(Fixed(), objective)
    loss, (judging, _) = gradients(apart, "discriminator")
    _, (_, generating) = gradients(apart, "generator")
    assert joint == pytest.approx(loss, abs=1e-6)
    assert [dw, da] == pytest.approx([judging, generating], abs=1e-6)
    terms = GanLearner(Fixed(), objective, joint=True).losses({"sample": tf.constant(X)}, 0, training=True)
    assert float(terms["bracket"].sum) == 0.0
    assert float(terms["generator"].sum) == pytest.approx(
        float(apart.losses({"sample": tf.constant(X)}, 0, training=True)["generator"].sum)
    )


def test_gradients_of_the_discriminator_do_not_reach_the_generator() -> None:
    apart = GanLearner(Fixed(), HingeGAN())
    assert gradients(apart, "discriminator")[1][1] is None
    assert gradients(apart, "generator")[1][1] is not None


def networks(spectral_norm: bool = False, seed: int = 5) -> GanNetworks:
    keras.utils.set_random_seed(seed)
    generator = build(Dense(units=[6], activation="tanh"), outputs=(2,), name="generator")
    spec = Dense(units=[7, 6], activation="tanh", spectral_norm=spectral_norm)
    return GanNetworks(generator, build(spec, outputs=(), name="discriminator"), latent=3, shape=(2,))


@pytest.mark.parametrize("spectral_norm", [False, True])
def test_a_joint_step_is_a_step_of_both_at_once(spectral_norm: bool) -> None:
    """With SGD and the same noise: two phases that are both computed from the old weights."""
    batch = {"sample": np.random.default_rng(0).normal(size=(8, 2)).astype(np.float32)}
    objective = LogisticGAN(penalty=DiscriminatorPenalty(at="real"))
    joint = GanLearner(networks(spectral_norm), objective, joint=True)
    start = networks(spectral_norm).get_weights()
    Update(joint, keras.optimizers.SGD(0.1))([batch])
    made = dict(zip([w.path for w in joint.model.weights], joint.model.get_weights(), strict=True))
    for number in (0, 1):
        apart = GanLearner(networks(spectral_norm), objective)
        for a, b in zip(start, apart.model.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)
        phase = apart.phases[number]
        Update(apart, keras.optimizers.SGD(0.1), phase=phase)([batch])
        for variable in phase.variables:
            if variable.trainable:
                np.testing.assert_allclose(made[variable.path], variable.numpy(), atol=1e-6)


def test_phases_take_turns_as_often_as_the_config_says() -> None:
    plain = GanLearner(networks(), HingeGAN(), discriminator_steps=3)
    judge, generate = plain.phases
    assert [(p.name, p.terms, p.repeat) for p in (judge, generate)] == [
        ("discriminator", ["discriminator"], 3),
        ("generator", ["generator"], 1),
    ]
    assert {id(v) for v in judge.variables}.isdisjoint({id(v) for v in generate.variables})
    penalized = GanLearner(networks(), HingeGAN(penalty=DiscriminatorPenalty()))
    assert penalized.phases[0].terms == ["discriminator", "penalty"]
    assert [phase.name for phase in phases_of(GanLearner(networks(), HingeGAN(), joint=True))] == ["main"]


@pytest.mark.parametrize("place", ["real", "fake"])
def test_the_gradient_of_the_score_is_that_of_finite_differences(place: Literal["real", "fake"]) -> None:
    objective = WGAN(penalty=DiscriminatorPenalty(at=place))
    learner = GanLearner(networks(), objective)
    points = np.random.default_rng(0).normal(size=(5, 2)).astype(np.float32)
    found = learner._squared_gradient(place, tf.constant(points), tf.constant(points)).numpy()
    step = 1e-2
    slopes = [
        (learner.model.score(points + step * unit) - learner.model.score(points - step * unit)) / (2 * step)
        for unit in np.eye(2, dtype=np.float32)
    ]
    np.testing.assert_allclose(found, sum(np.asarray(slope) ** 2 for slope in slopes), rtol=1e-3, atol=1e-5)


def test_mixed_places_are_between_both() -> None:
    """D(x) = w x has the same gradient everywhere; D(x) = x^2 shows where it was taken."""

    class Square(Linear):
        def call(self, x: tf.Tensor) -> tf.Tensor:
            return self.w * x[:, 0] ** 2

    model = GanNetworks(Linear(1.0, scores=False), Square(1.0, scores=True), latent=1, shape=(1,))
    learner = GanLearner(model, WGAN(penalty=DiscriminatorPenalty(at="mixed")))
    real, fake = np.full((500, 1), 3.0, np.float32), np.full((500, 1), 1.0, np.float32)
    places = np.sqrt(learner._squared_gradient("mixed", tf.constant(real), tf.constant(fake))) / 2
    assert places.min() >= 1 and places.max() <= 3
    assert places.mean() == pytest.approx(2, abs=0.1)
    assert places.std() == pytest.approx(2 / np.sqrt(12), abs=0.05)


@pytest.mark.parametrize(
    ("penalty", "expected"),
    [
        (DiscriminatorPenalty(), [0.25, 4.0]),
        (DiscriminatorPenalty(centre=1), [0.25, 1.0]),
        (DiscriminatorPenalty(centre=1, one_sided=True), [0.0, 1.0]),
    ],
)
def test_penalties_by_hand(penalty: DiscriminatorPenalty, expected: list[float]) -> None:
    np.testing.assert_allclose(penalty.of(tf.constant([0.25, 4.0])), expected, atol=1e-6)


def test_the_penalty_is_differentiated_twice() -> None:
    """Its gradient in the weights of the discriminator is that of finite differences."""
    for at in ("real", "fake"):
        objective = WGAN(penalty=DiscriminatorPenalty(at=at, centre=1, weight=2))
        learner = GanLearner(networks(), objective)
        kernel = learner.model.discriminator.trainable_variables[0]
        batch = {"sample": tf.constant(np.random.default_rng(0).normal(size=(6, 2)).astype(np.float32))}

        def penalty(learner: GanLearner = learner, batch: Mapping[str, tf.Tensor] = batch) -> tf.Tensor:
            learner.model.random.state.assign([1, 1])  # the same noise every time
            return total({"penalty": learner.losses(batch, 0, training=False)["penalty"]})

        with tf.GradientTape() as tape:
            found = penalty()
        gradient = tape.gradient(found, kernel.value).numpy()
        way = np.random.default_rng(2).normal(size=kernel.shape).astype(np.float32)
        start, ends = np.asarray(kernel), []
        for sign in (1, -1):
            kernel.assign(start + sign * 1e-2 * way)
            ends.append(float(penalty()))
        assert (ends[0] - ends[1]) / 2e-2 == pytest.approx(float((gradient * way).sum()), rel=0.01)


def dirac(objective: Adversarial, time: float, step: float = 0.05) -> np.ndarray:
    """|theta| along the flow of the gradients, by Runge and Kutta, with D(x) = phi x and G = theta.

    The real point is 0 in two dimensions; phi starts at (0.1, 0.2), theta at (0.2, 0.1).
    """

    def velocity(state: tf.Tensor) -> tf.Tensor:
        phi, theta = state[:2], state[2:]
        with tf.GradientTape(persistent=True) as tape:
            tape.watch([phi, theta])
            values = {
                "mask": tf.ones(1, tf.bool),
                "real_score": tf.zeros(1),
                "fake_score": tf.reduce_sum(phi * tf.stop_gradient(theta))[None],
                "generator_score": tf.reduce_sum(tf.stop_gradient(phi) * theta)[None],
                "real_gradient": tf.reduce_sum(phi * phi)[None],
            }
            terms = objective(values, 0)
            judging = total({name: term for name, term in terms.items() if name != "generator"})
            generating = total({"generator": terms["generator"]})
        return -tf.concat([tape.gradient(judging, phi), tape.gradient(generating, theta)], 0)

    def move(state: tf.Tensor, _: tf.Tensor) -> tf.Tensor:
        a = velocity(state)
        b = velocity(state + step / 2 * a)
        c = velocity(state + step / 2 * b)
        return state + step / 6 * (a + 2 * b + 2 * c + velocity(state + step * c))

    @tf.function(autograph=False)
    def path() -> tf.Tensor:
        return tf.scan(move, tf.zeros(round(time / step)), tf.constant([0.1, 0.2, 0.2, 0.1]))

    return np.asarray(tf.norm(path()[:, 2:], axis=1))


def test_the_dirac_gan_circles_without_a_penalty() -> None:
    turn = dirac(LogisticGAN(), 100.0)[-260:]  # 13 units of time are one turn
    assert turn.min() == pytest.approx(0.134, abs=0.003)
    assert turn.max() == pytest.approx(0.222, abs=0.003)


PENALTY = DiscriminatorPenalty(at="real", centre=0, weight=0.1)


@pytest.mark.parametrize("objective", [LogisticGAN(penalty=PENALTY), WGAN(penalty=PENALTY)])
def test_a_zero_centred_penalty_makes_the_dirac_gan_converge(objective: Adversarial) -> None:
    norms = dirac(objective, 40.0)
    assert 0.002 < norms[-130:].min() < norms[-130:].max() < 0.01


@pytest.mark.parametrize("weight", [0.1, 10.0])
def test_a_one_centred_penalty_ends_on_a_circle(weight: float) -> None:
    norms = dirac(WGAN(penalty=DiscriminatorPenalty(at="real", centre=1, weight=weight)), 100.0)
    assert 0.956 < norms[-260:].min() < norms[-260:].max() < 1.02
