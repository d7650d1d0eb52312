"""The tricks on gradients, updates and weights in the engine: what they know, see, leave alone and tell."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpx.components.losses.base import Term
from nlpx.components.observers.base import Listener, Setting
from nlpx.components.observers.events import Event, StageBegan
from nlpx.components.tricks.base import Objective, Trick, value_of
from nlpx.components.tricks.spectral_norm_regularization import SpectralNormRegularization
from nlpx.core.variable_names import VariableNames
from nlpx.engine.learner import phases_of
from nlpx.engine.loss_scale import LossScale
from nlpx.engine.observers.messages import opening_lines
from nlpx.engine.step import build_step
from nlpx.engine.train import train
from nlpx.engine.update import Update
from nlpx.errors import ConfigError
from tests.engine.phased_toy import duel_job
from tests.engine.staged_toy import staged_job
from tests.engine.toy import ToyLearner, make_batch, toy_job

EVERY: list[dict[str, object]] = [
    {"type": "freeze", "only": ["conv/bias"], "until": 2},
    {"type": "lazy"},
    {"type": "gradient_clip", "norm": 0.3},
    {"type": "gradient_clip", "norm": 0.1, "by": "l1", "only": ["head/*"]},
    {"type": "gradient_centralization"},
    {"type": "gradient_noise"},
    {"type": "weight_decay", "exclude": ["embedding/*"]},
    {"type": "lr_multipliers", "multipliers": {"embedding/*": 0.5}},
    {"type": "layer_decay", "factor": 0.9},
    {"type": "spectral_norm_regularization", "coefficient": 0.1},
    {"type": "weight_clipping", "limit": 0.4, "only": ["conv/kernel"]},
    {"type": "lookahead", "steps": 2},
    {"type": "ema", "momentum": 0.8, "initial": "weights", "warmup": True},
]
"""Tricks that go together."""


def tricks(*options: dict[str, object]) -> list[Trick]:
    return [Trick.model_validate(option) for option in options]


def updated(accumulation: int, parts: list[list[dict[str, np.ndarray]]]) -> list[np.ndarray]:
    """The weights and their averages after some updates with all tricks."""
    keras.utils.set_random_seed(8)
    learner = ToyLearner(dropout=0.0)
    optimizer = keras.optimizers.SGD(0.1, momentum=0.5)
    update = Update(learner, optimizer, tricks(*EVERY), accumulation=accumulation)
    for part in parts:
        whole = {name: np.concatenate([batch[name] for batch in part]) for name in part[0]}
        update(part if accumulation > 1 else [whole])
    values = [value_of(weight) for weight in update.weights]
    return [*values, *update.tricks[-1].evaluation(values)]


def test_accumulation_makes_no_difference() -> None:
    """All tricks at once: two micro-batches give what their union gives in one batch."""
    rng = np.random.default_rng(0)
    parts = [[make_batch(rng, 4, 5), make_batch(rng, 4, 5)] for _ in range(3)]
    for one, other in zip(updated(1, parts), updated(2, parts), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_an_update_that_is_left_out_changes_nothing() -> None:
    """Neither weights nor the state of the optimizer or of a trick."""
    learner = ToyLearner(dropout=0.0)
    update = Update(learner, keras.optimizers.Adam(0.01), tricks(*EVERY), loss_scale=LossScale())
    state = [*update.weights, *update.optimizer.variables]
    state += [variable for trick in update.tricks for variable in trick.variables]
    batch = make_batch(np.random.default_rng(0), 8, 5)
    values = []
    for factor in (1.0, np.nan, 1.0):
        update([{**batch, "factor": np.array(factor, np.float32)}])
        values.append([value_of(variable) for variable in state])
    same = [[np.array_equal(a, b) for a, b in zip(values[0], later, strict=True)] for later in values[1:]]
    assert all(same[0])
    moved = [update.tricks[0].names[w] for w, s in zip(update.weights, same[1], strict=False) if not s]
    assert moved == ["embedding/embeddings", "conv/kernel", "head/kernel", "head/bias"]  # one is frozen


@pytest.mark.parametrize(
    "options",
    [
        {"type": "ema", "momentum": 0.5},
        {"type": "ema", "initial": "weights"},
        {"type": "swa"},
        {"type": "lookahead", "steps": 2},
    ],
)
def test_averages_carry_batch_normalization_and_are_swapped_back(
    tmp_path: Path, options: dict[str, object]
) -> None:
    job = staged_job(tmp_path, tricks=[options])
    step = build_step(job, phases_of(job.learner), 3, job.optimizer)
    (update,) = step.updates
    seen: list[dict[str, np.ndarray]] = []
    for number in range(3):
        for weight in update.weights:
            weight.assign(np.full(weight.shape, 1.0 + number + number**2, np.float32))
        update.tricks[0].update(update.weights)
        seen.append({weight.path: value_of(weight) for weight in update.weights})
    assert any("moving_mean" in path for path in seen[0])
    before = {variable.path: value_of(variable) for variable in job.learner.model.variables}
    with step.evaluating():
        inside = {weight.path: value_of(weight) for weight in update.weights}
    for variable in job.learner.model.variables:
        np.testing.assert_array_equal(value_of(variable), before[variable.path])
    for path, value in inside.items():
        statistic = "moving" in path
        if options["type"] == "swa":
            np.testing.assert_allclose(value, np.mean([s[path] for s in seen], 0), rtol=1e-6)
        elif options["type"] == "lookahead" and statistic:
            np.testing.assert_array_equal(value, seen[-1][path])
        else:
            assert (value != before[path]).all()


def test_layer_decay_knows_the_parts_of_the_model(tmp_path: Path) -> None:
    """Those of the backbone before those after it; the head has the whole rate."""
    job = staged_job(tmp_path, tricks=[{"type": "layer_decay", "factor": 0.5}])
    step = build_step(job, phases_of(job.learner), 3, job.optimizer)
    assert [line.partition(": ")[2] for line in step.groups] == [
        "x 0.01562: 1 variable: backbone/embedding/embeddings",
        "x 0.03125: 2 variables: backbone/block1_conv/kernel, backbone/block1_conv/bias",
        "x 0.0625: 2 variables: backbone/block1_norm/gamma, backbone/block1_norm/beta",
        "x 0.125: 2 variables: backbone/block2_conv/kernel, backbone/block2_conv/bias",
        "x 0.25: 2 variables: backbone/block2_norm/gamma, backbone/block2_norm/beta",
        "x 0.5: 2 variables: hidden/kernel, hidden/bias",
        "x 1: 2 variables: head/kernel, head/bias",
    ]


def test_groups_of_phases_and_patterns_of_one_of_them(tmp_path: Path) -> None:
    multipliers = {"type": "lr_multipliers", "multipliers": {"critic/*": 0.5, "prior": 2.0}}
    job = duel_job(tmp_path, tricks=[multipliers])
    step = build_step(job, phases_of(job.learner), 3, job.optimizer)
    assert step.groups == [
        "critic: lr_multipliers: critic/* x 0.5: 2 variables: critic/kernel, critic/bias",
        "critic: lr_multipliers: prior x 2: 0 variables",
        "writer: lr_multipliers: critic/* x 0.5: 0 variables",
        "writer: lr_multipliers: prior x 2: 1 variable: prior",
    ]


def test_moments_of_a_phase_that_is_repeated(tmp_path: Path) -> None:
    job = duel_job(tmp_path, tricks=["gradient_noise"])
    step = build_step(job, phases_of(job.learner), 3, job.optimizer, updates_per_epoch=7)
    assert [update.tricks[0].course.updates_per_epoch for update in step.updates] == [14, 7]


class Groups(Listener):
    """Notes the groups that observers are told, of a run or of its first stage, and stops it."""

    stop_requested = True

    def __init__(self) -> None:
        self.told: list[tuple[str, ...]] = []

    def begin(self, setting: Setting) -> None:
        self.told.append(setting.groups)

    def on(self, event: Event) -> None:
        if isinstance(event, StageBegan):
            self.told.append(tuple(event.groups))


def test_groups_are_told_before_training(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    frozen = [{"type": "freeze", "only": ["head/*"], "until": "1 epoch"}]
    line = "freeze: frozen until 1 epoch: 2 variables: head/kernel, head/bias"
    groups = Groups()
    train(replace(toy_job(tmp_path / "a", train={"steps": 1}, tricks=frozen), observers=[groups]))
    stages = {"stages": [{"steps": 1, "frozen": ["head"]}]}
    train(replace(staged_job(tmp_path / "b", train=stages, tricks=frozen), observers=[groups]))
    assert groups.told == [(line,), (), ("freeze: frozen until 1 epoch: 0 variables",)]
    assert opening_lines(Setting(tmp_path, ToyLearner().model, 1, 1, "valid/nll", groups=(line,))) == [line]


def test_a_pattern_without_a_variable_ends_the_run(tmp_path: Path) -> None:
    job = toy_job(tmp_path, train={"steps": 1}, tricks=[{"type": "freeze", "only": ["embeding/*"]}])
    with pytest.raises(
        ConfigError, match=r"freeze.only: no variable matches 'embeding/\*'.*embedding/embeddings"
    ):
        train(job)


def matrices(*shapes: tuple[int, ...]) -> list[keras.Variable]:
    rng = np.random.default_rng(1)
    return [keras.Variable(rng.standard_normal(shape).astype(np.float32), name="kernel") for shape in shapes]


def test_spectral_norms_and_their_gradient_against_svd() -> None:
    """d sigma^2 / dW = 2 sigma u v^T; vectors get better with each update."""
    trick = SpectralNormRegularization(coefficient=0.5, only=["kernel*"])
    kernels = matrices((6, 4), (3, 2, 5))
    trick.name_variables(VariableNames([], kernels))
    trick.build([*kernels, keras.Variable([1.0], name="bias")])
    assert [variable.shape for variable in trick.variables] == [(6,), (6,)]
    for _ in range(60):
        trick.update(kernels)
    zero = tf.constant(0.0)
    with tf.GradientTape() as tape:
        terms = trick.objective(lambda batch: {"loss": Term(zero, zero)}, kernels)({})
        value = terms["spectral_norm"].sum
    assert (terms["spectral_norm"].coefficient, float(terms["spectral_norm"].weight)) == (0.5, 1.0)
    found = tape.gradient(value, [kernel.value for kernel in kernels])
    total = 0.0
    for kernel, gradient in zip(kernels, found, strict=True):
        u, s, v = np.linalg.svd(value_of(kernel).reshape(-1, kernel.shape[-1]).astype(np.float64))
        total += s[0] ** 2
        expected = (2 * s[0] * np.outer(u[:, 0], v[0])).reshape(kernel.shape)
        np.testing.assert_allclose(gradient, expected, atol=1e-4)
    assert float(value) == pytest.approx(total, rel=1e-5)


def test_several_penalties_are_several_terms() -> None:
    kernels = matrices((6, 4), (3, 5))
    objective: Objective = lambda batch: {"loss": Term(tf.constant(0.0), tf.constant(1.0))}  # noqa: E731
    for place, coefficient in enumerate((0.5, 2.0)):
        trick = SpectralNormRegularization(coefficient=coefficient, only=["kernel*"])
        trick.name_variables(VariableNames([], kernels))
        trick.build([kernels[place]])
        objective = trick.objective(objective, kernels)
    terms = objective({})
    assert list(terms) == ["plain_loss", "spectral_norm", "spectral_norm_2"]
    assert [term.coefficient for term in terms.values()] == [1.0, 0.5, 2.0]
    assert float(terms["spectral_norm"].sum) != float(terms["spectral_norm_2"].sum)


def test_the_penalty_is_a_term_that_shrinks_the_norms() -> None:
    norms = []
    for coefficient in (1e-9, 1.0):
        keras.utils.set_random_seed(8)
        learner = ToyLearner(dropout=0.0)
        trick = SpectralNormRegularization(coefficient=coefficient, only=["head/kernel"])
        update = Update(learner, keras.optimizers.SGD(0.1), [trick])
        for _ in range(5):
            result = update([make_batch(np.random.default_rng(0), 8, 5)])
        norms.append(np.linalg.norm(value_of(learner.model.head.kernel), 2))
        assert list(result.sums.terms) == ["plain_loss", "spectral_norm"]
    assert norms[1] < 0.8 * norms[0]
