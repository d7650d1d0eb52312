"""Optimizers from specs."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from nlpx.components.optimizers.adamw import AdamW
from nlpx.components.optimizers.base import Optimizer
from nlpx.components.optimizers.sgd import SGD
from nlpx.components.schedules.linear import Linear
from nlpx.core.component import builtin_registry


def test_options_and_schedule_arrive() -> None:
    options = AdamW(learning_rate=0.5, weight_decay=0.25, beta_1=0.8, schedule=Linear(final=0.1))
    optimizer = options.build(11)
    assert isinstance(optimizer, keras.optimizers.AdamW)
    assert (optimizer.weight_decay, optimizer.beta_1) == (0.25, 0.8)
    weight = keras.Variable(np.ones(2, np.float32))
    optimizer.build([weight])
    rates = []
    for _ in range(11):
        rates.append(float(optimizer.learning_rate))
        optimizer.apply([np.zeros(2, np.float32)])
    np.testing.assert_allclose(rates, 0.5 * (1 - 0.9 * np.arange(11) / 10), rtol=1e-6)


def test_one_step_of_momentum() -> None:
    weight = keras.Variable(np.ones(1, np.float32))
    optimizer = SGD(learning_rate=0.1, momentum=0.5).build(None)
    optimizer.build([weight])
    for _ in range(2):
        optimizer.apply([np.full(1, 2.0, np.float32)])
    assert float(weight.numpy()[0]) == pytest.approx(1 - 0.2 - 0.3)


@pytest.mark.parametrize("name", builtin_registry().names("optimizer"))
def test_every_registered_optimizer_is_built(name: str) -> None:
    spec = builtin_registry().find("optimizer", name).component
    given = {"groups": [{"variables": ["*"], "optimizer": "sgd"}]} if name == "by_variable" else {}
    options = spec.model_validate({"type": name, **given})
    assert isinstance(options, Optimizer)
    assert isinstance(options.build(10), keras.optimizers.Optimizer)
