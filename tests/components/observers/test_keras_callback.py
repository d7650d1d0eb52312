"""The bridge against what `fit` does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from nlpx.components.observers.keras_callback import KerasCallback
from nlpx.engine.train import train
from nlpx.errors import ConfigError
from tests.engine.toy import toy_job

CALLS: list[str] = []
HOOKS = [f"on_{part}_{end}" for part in ("train", "epoch", "train_batch", "test") for end in ("begin", "end")]


class Noting(keras.callbacks.Callback):
    """Notes the order of calls, and stops after some epoch."""

    def __init__(self, stop_after: int = 99) -> None:
        super().__init__()
        self.stop_after = stop_after
        CALLS.clear()
        for hook in HOOKS:
            setattr(self, hook, self._noting(hook))

    def _noting(self, hook: str) -> object:
        def note(*arguments: object, **named: Mapping[str, float]) -> None:
            number = arguments[0] if "train_batch" in hook or "epoch" in hook else ""
            logs = named["logs"] if named else arguments[-1]
            assert isinstance(logs, Mapping)
            CALLS.append(f"{hook}{number}({','.join(sorted(logs))})")
            if hook == "on_epoch_end" and number == self.stop_after:
                self.model.stop_training = True

        return note


def by_fit() -> list[str]:
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.ones((12, 2), np.float32)
    model.fit(
        x,
        x[:, :1],
        batch_size=2,
        epochs=2,
        validation_data=(x, x[:, :1]),
        verbose=0,
        callbacks=[Noting()],
    )
    return list(CALLS)


def test_order_of_calls_is_that_of_fit(tmp_path: Path) -> None:
    expected = [call.split("(")[0] for call in by_fit()]
    observer = KerasCallback(callback=f"{__name__}:Noting").prepare()
    train(replace(toy_job(tmp_path, train={"epochs": 2}), observers=[observer]))
    assert [call.split("(")[0] for call in CALLS] == expected
    assert "on_epoch_end1(loss,val_accuracy,val_nll)" in CALLS
    assert "on_train_batch_end5(loss)" in CALLS
    assert "on_test_end(accuracy,nll)" in CALLS


def test_stop_training_ends_the_run(tmp_path: Path) -> None:
    spec = {"type": "keras_callback", "callback": f"{__name__}:Noting", "arguments": {"stop_after": 0}}
    outcome = train(toy_job(tmp_path, train={"epochs": 5}, observers=[spec]))
    assert (outcome.progress.step, outcome.reason) == (6, "callback")


def test_a_standard_callback_works(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    observer = KerasCallback(callback="keras.callbacks:CSVLogger", arguments={"filename": str(log)}).prepare()
    train(replace(toy_job(tmp_path, train={"epochs": 2}), observers=[observer]))
    lines = log.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "epoch,loss,val_accuracy,val_nll"
    assert len(lines) == 3


@pytest.mark.parametrize(
    ("callback", "arguments"),
    [
        ("keras.callbacks:Nothing", {}),
        ("no_such_module:Thing", {}),
        ("keras.callbacks:EarlyStopping", {"patients": 3}),
        ("keras.layers:Dropout", {"rate": 0.5}),
    ],
)
def test_what_is_no_callback_is_explained(callback: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"observers: .*keras\.callbacks\.Callback"):
        KerasCallback(callback=callback, arguments=arguments).prepare()


def test_what_is_no_callback_is_not_called(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"is no class of keras\.callbacks\.Callback"):
        KerasCallback(callback="os:system", arguments={"command": f"touch {tmp_path / 'called'}"}).prepare()
    assert list(tmp_path.iterdir()) == []
