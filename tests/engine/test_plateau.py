"""The schedule plateau, against the callback of Keras and in training runs that are resumed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlpx.components.optimizers.sgd import SGD
from nlpx.components.schedules.plateau import Plateau
from nlpx.engine.learner import Evaluation
from nlpx.engine.train import train
from tests.engine.toy import resumed_job, toy_job


@settings(max_examples=25)
@given(
    costs=st.lists(st.sampled_from([1.0, 1.5, 2.0, 2.1, 3.0]), max_size=20),
    patience=st.integers(1, 3),
    cooldown=st.integers(0, 3),
    min_delta=st.sampled_from([0.0, 0.2]),
)
def test_rates_are_those_of_the_callback_of_keras(
    costs: list[float], patience: int, cooldown: int, min_delta: float
) -> None:
    options = {"factor": 0.5, "patience": patience, "cooldown": cooldown, "min_delta": min_delta}
    callback = keras.callbacks.ReduceLROnPlateau("cost", mode="min", min_lr=0.1, verbose=0, **options)
    optimizer = SimpleNamespace(learning_rate=keras.Variable(1.0))
    callback.set_model(SimpleNamespace(optimizer=optimizer))
    callback.on_train_begin()
    made = SGD(learning_rate=1.0, schedule=Plateau.model_validate({**options, "least": 0.1})).fresh()
    (watch,) = made.tricks(made.build(None))
    for epoch, cost in enumerate(costs):
        callback.on_epoch_end(epoch, {"cost": cost})
        watch.evaluated(cost)
        assert float(made.rate(epoch, None)) == pytest.approx(float(optimizer.learning_rate))


def test_a_resumed_run_has_the_rates_of_the_whole_run(tmp_path: Path) -> None:
    values, evaluations = [3.0, 2.0, 2.5, 2.4, 1.0, 1.5, 1.2, 0.5], 0
    sections: dict[str, object] = {
        "optimizer": {"type": "sgd", "schedule": {"type": "plateau", "factor": 0.5, "patience": 2}},
        "train": {"steps": 16, "evaluate_every": 2, "log_every": 2},
    }

    def evaluate() -> Evaluation:
        nonlocal evaluations
        evaluations += 1
        if evaluations == 4:
            raise KeyboardInterrupt
        return Evaluation({"nll": values[evaluations - 1 - (evaluations > 4)]})

    with pytest.raises(KeyboardInterrupt):
        train(replace(toy_job(tmp_path, **sections), evaluate=evaluate))
    train(replace(resumed_job(tmp_path, **sections), evaluate=evaluate))
    lines = (tmp_path / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    rates = [row["train/learning_rate"] for row in map(json.loads, lines) if "train/learning_rate" in row]
    np.testing.assert_allclose(rates, 1e-3 * np.array([1, 1, 1, 1, 0.5, 0.5, 0.5, 0.25]), rtol=1e-6)
