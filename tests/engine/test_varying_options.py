"""Options with a schedule in training runs: which update is which."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

import keras
import numpy as np
import pytest
from pydantic import PrivateAttr

from nlpx.components.tricks.base import Arrays, Trick, value_of
from nlpx.components.varying import Varying, now
from nlpx.core.options import NonNegativeFloat
from nlpx.engine.train import train
from nlpx.engine.update import Update
from tests.engine.phased_toy import duel_job
from tests.engine.toy import ToyBatches, ToyLearner, toy_job

LINEAR = {"value": 2.0, "schedule": "linear"}


class Remembered(Trick):
    """Multiplies gradients by an option, and notes its value at every evaluation."""

    seen: ClassVar[list[float]] = []
    type: Literal["remembered"] = "remembered"
    factor: Varying[NonNegativeFloat] = 1.0
    _value: Any = PrivateAttr(None)

    def build(self, weights: Sequence[keras.Variable]) -> None:
        self._value = keras.Variable(-1.0, trainable=False)

    @property
    def variables(self) -> list[keras.Variable]:
        return [self._value]

    def gradients(self, pairs: Sequence[Any]) -> list[Any]:
        return [(None if g is None else g * now(self.factor), variable) for g, variable in pairs]

    def update(self, weights: Sequence[keras.Variable]) -> None:
        self._value.assign(now(self.factor))

    def evaluation(self, values: list[np.ndarray]) -> list[np.ndarray]:
        self.seen.append(float(value_of(self._value)))
        return values


class Counted(Trick):
    """Notes the value of an option for every batch."""

    seen: ClassVar[list[float]] = []
    type: Literal["counted"] = "counted"
    factor: Varying[NonNegativeFloat] = 1.0

    def data(self, batch: Arrays, rows: np.ndarray, epoch: int, seed: int) -> Arrays:
        self.seen.append(float(now(self.factor)))
        return batch


@pytest.fixture(autouse=True)
def nothing_seen() -> None:
    Remembered.seen.clear()
    Counted.seen.clear()


@pytest.mark.parametrize("accumulation", [1, 3])
def test_the_number_of_the_update_decides_without_a_new_trace(accumulation: int) -> None:
    batches = ToyBatches(accumulation=accumulation)
    learner, trick = ToyLearner(dropout=0.0), Remembered.model_validate({"factor": LINEAR})
    kernel = learner.model.head.kernel
    update = Update(learner, keras.optimizers.SGD(0.1), [trick], accumulation=accumulation, total=11)
    plain, start = [value_of(variable) for variable in learner.model.variables], value_of(kernel)
    moved = []
    for number in (0, 4, 10):
        for variable, value in zip(learner.model.variables, plain, strict=True):
            variable.assign(value)
        update(batches.update(0, 0), number)
        moved.append(value_of(kernel) - start)
        assert float(value_of(trick.variables[0])) == pytest.approx(2 * (1 - number / 10))
    np.testing.assert_allclose(moved[1], moved[0] * 0.6, rtol=1e-3, atol=1e-7)
    np.testing.assert_array_equal(moved[2], 0)
    assert update.traces == 1


def test_updates_are_counted_over_all_stages(tmp_path: Path) -> None:
    train(
        toy_job(
            tmp_path,
            tricks=[Remembered.model_validate({"factor": LINEAR})],
            train={"stages": [{"steps": 4}, {"steps": 7}], "evaluate_every": 2},
        )
    )
    # Checkpoints hold the evaluation weights, so every number is there twice; the last update is number 10.
    assert sorted({round(value, 4) for value in Remembered.seen}) == [0.0, 0.2, 0.6, 1.0, 1.4, 1.8]


def test_a_round_of_phases_is_one_update(tmp_path: Path) -> None:
    tricks = [Remembered.model_validate({"factor": LINEAR})]
    train(duel_job(tmp_path, tricks=tricks, train={"steps": 3, "evaluate_every": 1}))
    assert sorted(set(Remembered.seen)) == [0.0, 1.0, 2.0]


def test_tricks_that_change_batches_know_the_number_of_the_update(tmp_path: Path) -> None:
    """A round of this learner takes three batches."""
    train(duel_job(tmp_path, tricks=[Counted.model_validate({"factor": LINEAR})], train={"steps": 3}))
    assert Counted.seen == [2.0] * 3 + [1.0] * 3 + [0.0] * 3
