"""Groups of variables, against the optimizers of the groups alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from nlpx.components.optimizers.adamw import AdamW
from nlpx.components.optimizers.base import Optimizer
from nlpx.components.optimizers.by_variable import ByVariable
from nlpx.components.optimizers.sgd import SGD
from nlpx.components.schedules.constant import Constant
from nlpx.components.schedules.linear import Linear
from nlpx.config.dump import dump_experiment
from nlpx.config.load import load_experiment
from nlpx.config.problems import ConfigProblems
from nlpx.core.component import builtin_registry
from nlpx.errors import ConfigError
from tests.components.optimizers.weights import BATCH, WeightLearner, trajectory, update_of

START = np.array([0.5, -1.0, 2.0], np.float32)


def square(*weights: tf.Tensor) -> tf.Tensor:
    return tf.add_n([tf.reduce_sum(weight**2) for weight in weights])


ADAMW = AdamW()


def grouped(rest: Optimizer | None = ADAMW, **groups: Optimizer) -> ByVariable:
    found = [{"variables": [f"{name}/*"], "optimizer": optimizer} for name, optimizer in groups.items()]
    return ByVariable.model_validate({"type": "by_variable", "groups": found, "rest": rest})


def test_every_group_has_the_steps_of_its_optimizer() -> None:
    sgd, adamw = SGD(learning_rate=0.1, momentum=0.5), AdamW(learning_rate=0.05, schedule=Linear(final=0.5))
    learner = WeightLearner(square, START, START, START)
    update = update_of(learner, grouped(adamw, w1=sgd), total=5)
    for step in range(5):
        result = update([BATCH], step)
    assert update.groups == [
        "by_variable: sgd: 1 variable: w1/kernel",
        "by_variable: adamw: 2 variables: w0/kernel, w2/kernel",
    ]
    for number, optimizer in enumerate([adamw, sgd, adamw]):
        expected = trajectory(optimizer, square, START, 5)[-1]
        np.testing.assert_array_equal(learner.model.trainable_variables[number].numpy(), expected)
    assert result.sums.learning_rate == pytest.approx(0.1)


def test_its_own_rate_and_schedule_multiply_those_of_the_groups() -> None:
    halved = grouped(w0=SGD(learning_rate=0.2, schedule=Constant(warmup_steps=1))).model_copy(
        update={"learning_rate": 0.5, "schedule": Linear()}
    )
    found = trajectory(halved, square, START, 4)
    w = START.astype(np.float64)
    for value, share in zip(found, (0.5, 2 / 3, 1 / 3, 0), strict=True):
        w = w - 0.1 * share * 2 * w
        np.testing.assert_allclose(value, w, rtol=1e-5)


def test_a_variable_without_gradient_stays_as_it_is() -> None:
    learner = WeightLearner(lambda used, unused: square(used), START, START)
    update = update_of(learner, grouped(w0=SGD(learning_rate=0.1)))
    update([BATCH])
    first, second = (variable.numpy() for variable in learner.model.trainable_variables)
    np.testing.assert_allclose(first, 0.8 * START, rtol=1e-6)
    np.testing.assert_array_equal(second, START)


@pytest.mark.parametrize(
    ("groups", "rest", "message"),
    [
        ({"w0": SGD(), "w?": SGD()}, AdamW(), "groups.1.variables: w0/kernel is in the group 0 as well"),
        ({"w0": SGD()}, None, "none has w1/kernel"),
        ({"0": SGD()}, AdamW(), "no variable matches '0/\\*'.*one of w0/kernel, w1/kernel"),
    ],
)
def test_every_variable_is_in_one_group(
    groups: dict[str, Optimizer], rest: Optimizer | None, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        update_of(WeightLearner(square, START, START), grouped(rest, **groups))


CONFIG = """
task: couplet
optimizer:
  type: by_variable
  groups:
    - {{variables: ["encoder_*"], optimizer: {optimizer}}}
  rest: {{type: adam, schedule: linear}}
tricks: {tricks}
train: {{steps: 50}}
"""


def test_it_survives_the_dump(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(CONFIG.format(optimizer="muon", tricks="[]"), encoding="utf-8")
    experiment = load_experiment(path).experiment
    path.write_text(dump_experiment(experiment), encoding="utf-8")
    assert load_experiment(path).experiment == experiment


@pytest.mark.parametrize(
    ("optimizer", "tricks", "problem"),
    [
        ("heun", "[]", "C109: optimizer.groups.0.optimizer: heun needs all variables at once"),
        (
            "{type: muon}",
            "[weight_decay]",
            "C223: tricks.0: weight_decay cannot be combined with the optimizer muon",
        ),
        (
            "{type: muon, schedule: {type: linear, warmup_steps: 50}}",
            "[]",
            "C212: optimizer.groups.0.optimizer.schedule.warmup_steps: the learning rate never reaches its peak",
        ),
        ("moun", "[]", "C106: optimizer.groups.0.optimizer: there is no optimizer called moun"),
    ],
)
def test_what_does_not_fit(tmp_path: Path, optimizer: str, tricks: str, problem: str) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(CONFIG.format(optimizer=optimizer, tricks=tricks), encoding="utf-8")
    with pytest.raises(ConfigProblems) as caught:
        load_experiment(path)
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "optimizer: heun\ntrain: {accumulation: 2}",
            "C226: train.accumulation: heun needs all rows of an update at once, so it excludes accumulation",
        ),
        ("optimizer: polyak\ntrain: {accumulation: 2}", "C226: train.accumulation: polyak needs"),
        (
            "optimizer: schedule_free_adamw\ntricks: [ema]",
            "C223: tricks.0: ema cannot be combined with the optimizer schedule_free_adamw",
        ),
        (
            "loss: {type: cross_entropy, label_smoothing: {value: 0.1, schedule: plateau}}",
            "C109: loss.label_smoothing.schedule: plateau depends on evaluations",
        ),
    ],
)
def test_combinations_that_make_no_sense(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(f"task: couplet\n{text}\n", encoding="utf-8")
    with pytest.raises(ConfigProblems) as caught:
        load_experiment(path)
    assert problem in str(caught.value)


def test_all_state_is_in_the_variables() -> None:
    """A fresh optimizer with the variables of another one goes on with it, bit for bit."""
    matrix = np.outer(START, START)
    learners = [WeightLearner(square, START, matrix) for _ in range(2)]
    muon = builtin_registry().find("optimizer", "muon").component.model_validate({"type": "muon"})
    assert isinstance(muon, Optimizer)
    updates = [update_of(learner, grouped(w1=muon), 9) for learner in learners]
    for step in range(2):
        updates[0]([BATCH], step)
    pairs = zip(updates, learners, strict=True)
    saved, fresh = ([*u.optimizer.variables, *learner.model.variables] for u, learner in pairs)
    for variable, value in zip(fresh, saved, strict=True):
        variable.assign(value.numpy())
    for update in updates:
        update([BATCH], 2)
    for one, other in zip(saved, fresh, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())
