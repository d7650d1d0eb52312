"""TensorBoard files, read back."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
import tensorflow as tf

from nlpx.components.observers.base import Setting
from nlpx.components.observers.events import Evaluated, LossLogged
from nlpx.components.observers.tensorboard import TensorBoard
from nlpx.errors import ConfigError


def test_scalars_by_step(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    observer = TensorBoard(folder="boards").prepare()
    observer.begin(Setting(tmp_path, None, total_steps=9, updates_per_epoch=4, monitor="valid/nll"))
    observer.on(LossLogged(3, 0, loss=0.5, learning_rate=0.25, gradient_norm=2.0))
    observer.on(Evaluated(4, 1, {"valid/nll": 1.5}, [], improved=True))
    observer.end()
    (path,) = (tmp_path / "boards").iterdir()
    found = {
        (value.tag, event.step): float(tf.make_ndarray(value.tensor))
        for event in tf.compat.v1.train.summary_iterator(str(path))
        for value in event.summary.value
    }
    assert found == {
        ("train/loss", 3): 0.5,
        ("train/learning_rate", 3): 0.25,
        ("train/gradient_norm", 3): 2.0,
        ("valid/nll", 4): 1.5,
    }


@pytest.mark.parametrize("folder", ["../boards", "/tmp", "a/../../b"])
def test_a_folder_outside_of_the_run_is_refused(tmp_path: Path, folder: str) -> None:
    observer = TensorBoard(folder=folder)
    setting = Setting(tmp_path / "run", None, total_steps=9, updates_per_epoch=4, monitor="valid/nll")
    with pytest.raises(ConfigError, match="is not inside the run directory"):
        observer.begin(setting)
    assert list(tmp_path.iterdir()) == []


def test_a_failure_is_told_once_and_ends_the_recording(tmp_path: Path) -> None:
    observer = TensorBoard().prepare()
    observer.begin(Setting(tmp_path, None, total_steps=9, updates_per_epoch=4, monitor="valid/nll"))
    observer._writer = None
    with pytest.warns(RuntimeWarning, match=r"^recorder tensorboard: failed, its record lacks .*continues"):
        observer.on(Evaluated(4, 1, {"valid/nll": 1.5}, [], improved=True))
    with warnings.catch_warnings(record=True) as told:
        observer.on(Evaluated(8, 1, {"valid/nll": 1.5}, [], improved=True))
        observer.end()
    assert told == []
