"""Checkpoints: whole or not there, damage found, good ones never lost."""

from __future__ import annotations

import errno
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from nlpx.components.tricks.base import value_of
from nlpx.components.tricks.ema import EMA
from nlpx.core.files import file_hash
from nlpx.engine import checkpoint
from nlpx.engine.arrays import write_arrays
from nlpx.engine.checkpoint import Checkpoints, load_weights
from nlpx.engine.state import State, numbered
from nlpx.engine.step import TrainStep
from nlpx.engine.update import Update
from nlpx.errors import CheckpointError, EnvironmentProblem
from tests.engine.toy import ToyLearner

FILES = ["weights.npz", "state.npz", "state.json", "manifest.json"]


class Saver:
    """The state of a training, other numbers each time it is saved."""

    def __init__(self, directory: Path) -> None:
        self.learner = ToyLearner()
        update = Update(self.learner, keras.optimizers.SGD(0.5), [EMA(momentum=0.5)])
        self.step = TrainStep(self.learner, [update])
        self.state = State(self.step)
        self.checkpoints = Checkpoints(directory)
        self._rng = np.random.default_rng(0)

    def save(self, number: int) -> Path:
        arrays = {
            name: (array + self._rng.random(array.shape) + 1).astype(array.dtype)
            for name, array in self.state.arrays().items()
        }
        self.state.restore(arrays, replace(self.state.progress, step=number))
        return self.checkpoints.save(self.state, self.weights())

    def weights(self) -> dict[str, np.ndarray]:
        with self.step.evaluating():
            return {
                name: value_of(weight) for name, weight in numbered("weights", self.learner.model.weights)
            }


@pytest.fixture
def saver(tmp_path: Path) -> Saver:
    return Saver(tmp_path)


def test_save_and_load(saver: Saver, tmp_path: Path) -> None:
    path = saver.save(1000)
    assert path == tmp_path / "checkpoints" / "step-00001000"
    assert sorted(file.name for file in path.iterdir()) == sorted(FILES)
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    expected = saver.state.arrays()
    arrays, progress = saver.checkpoints.load(1000)
    assert progress == saver.state.progress
    assert list(arrays) == list(expected)
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, expected[name])
    manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
    assert {name: entry["size"] for name, entry in manifest["files"].items()} == {
        name: (path / name).stat().st_size for name in FILES[:3]
    }


def test_loaded_weights_are_those_of_evaluation(saver: Saver) -> None:
    saver.save(1)
    path = saver.save(2)
    expected = list(saver.weights().values())
    assert (
        np.abs(expected[0] - saver.learner.model.weights[0].value.numpy()).max() > 0
    )  # the average, not the raw
    other = ToyLearner().model
    load_weights(other, path)
    for weight, array in zip(other.weights, expected, strict=True):
        np.testing.assert_array_equal(weight.value.numpy(), array)
    with pytest.raises(CheckpointError, match=r"does not fit this model[\s\S]*expected float32\[20, 5\]"):
        load_weights(ToyLearner(dim=5).model, path)


def damage(path: Path, how: str) -> None:
    if how == "flipped":
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(bytes(data))
    elif how == "cut":
        path.write_bytes(path.read_bytes()[:40])
    else:
        path.unlink()


@pytest.mark.parametrize("how", ["flipped", "cut", "missing"])
@pytest.mark.parametrize("name", FILES)
def test_damage_is_found_and_another_checkpoint_offered(saver: Saver, how: str, name: str) -> None:
    saver.save(10)
    saver.save(20)
    path = saver.save(30)
    if name == "manifest.json" and how == "flipped":
        text = (path / name).read_text(encoding="utf-8")
        (path / name).write_text(text.replace('"sha256": "', '"sha256": "0'), encoding="utf-8")
    else:
        damage(path / name, how)
    with pytest.raises(CheckpointError) as caught:
        if name == "weights.npz":
            load_weights(saver.learner.model, path)
        else:
            saver.checkpoints.load(30)
    assert name in str(caught.value) or name == "manifest.json"
    assert str(path) in str(caught.value)
    assert "--checkpoint 20" in str(caught.value)
    load_weights(saver.learner.model, saver.checkpoints.path(20))


def test_the_only_checkpoint_damaged(saver: Saver) -> None:
    path = saver.save(10)
    damage(path / "weights.npz", "flipped")
    with pytest.raises(CheckpointError, match="no other checkpoint: train again"):
        load_weights(saver.learner.model, path)
    with pytest.raises(CheckpointError, match="no such checkpoint"):
        load_weights(saver.learner.model, path.with_name("step-00000099"))


def test_a_format_of_the_future_is_refused(saver: Saver) -> None:
    path = saver.save(10)
    text = (path / "manifest.json").read_text(encoding="utf-8")
    (path / "manifest.json").write_text(text.replace('"format": 2', '"format": 3'), encoding="utf-8")
    with pytest.raises(CheckpointError, match=r"format 3, expected 2\. Use the version"):
        saver.checkpoints.load(10)


def test_the_weights_of_format_1_are_read_and_its_state_is_not(saver: Saver) -> None:
    """Class vectors, now variables of objectives, were the last weights of the model."""
    path = saver.save(10)
    weights = saver.weights()
    write_arrays(
        path / "weights.npz", {**weights, f"weights/{len(weights):04d}": np.ones((3, 8), np.float32)}
    )
    manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8")) | {"format": 1}
    manifest["files"]["weights.npz"] = {
        "sha256": file_hash(path / "weights.npz"),
        "size": (path / "weights.npz").stat().st_size,
    }
    (path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    other = ToyLearner().model
    load_weights(other, path)
    for weight, array in zip(other.weights, weights.values(), strict=True):
        np.testing.assert_array_equal(value_of(weight), array)
    with pytest.raises(
        CheckpointError, match=r"format 1, expected 2\. .*Train again: nlpx train .*config\.yaml"
    ):
        saver.checkpoints.load(10)


@pytest.mark.parametrize("fails_at", [1, 2, 3, 4])
@pytest.mark.parametrize("step", [10, 20])
def test_disk_full_while_saving(
    saver: Saver, monkeypatch: pytest.MonkeyPatch, fails_at: int, step: int
) -> None:
    """Whichever file does not fit, and also when the same step is saved again."""
    good = saver.save(10)
    before = {name: (good / name).read_bytes() for name in FILES}
    calls = 0

    def limited(write: object) -> object:
        def writer(path: Path, data: object) -> None:
            nonlocal calls
            calls += 1
            if calls == fails_at:
                path.write_bytes(b"PK")
                raise OSError(errno.ENOSPC, "No space left on device")
            write(path, data)  # type: ignore[operator]  # one of the two writers

        return writer

    for name in ("write_arrays", "write_bytes"):
        monkeypatch.setattr(checkpoint, name, limited(getattr(checkpoint, name)))
    with pytest.raises(EnvironmentProblem) as caught:
        saver.save(step)
    assert "No space left on device" in str(caught.value)
    assert "checkpoint of step 10 is untouched" in str(caught.value)
    assert "nlpx train --resume" in str(caught.value)
    assert [path.name for path in good.parent.iterdir()] == [good.name]
    assert {name: (good / name).read_bytes() for name in FILES} == before


def test_a_rename_that_fails_gives_the_old_checkpoint_its_name_back(
    saver: Saver, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saver.save(10)
    before = (path / "state.npz").read_bytes()
    real = Path.rename

    def rename(self: Path, target: Path) -> Path:
        if self.suffix == ".tmp":
            raise OSError(errno.EIO, "Input/output error")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(EnvironmentProblem, match="Input/output error"):
        saver.save(10)
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert (path / "state.npz").read_bytes() == before


def test_unwritable_folder(saver: Saver) -> None:
    saver.checkpoints.folder.write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(EnvironmentProblem, match=r"cannot be written.*No checkpoint was saved before"):
        saver.save(1)


def test_settle_points_and_removes(saver: Saver, tmp_path: Path) -> None:
    for step in (10, 20, 30, 40, 50):
        saver.save(step)
    progress = saver.state.progress
    progress.step, progress.best = 40, [(20, 0.5), (10, 0.7)]  # step 50 is what a resume from 40 left behind
    saver.checkpoints.settle(progress, keep_last=2)
    assert saver.checkpoints.steps() == [10, 20, 30, 40]
    assert (tmp_path / "best").read_text(encoding="utf-8") == "step-00000020\n"
    assert (tmp_path / "last").read_text(encoding="utf-8") == "step-00000040\n"
    for which, step in (("best", 20), ("last", 40), ("30", 30), (10, 10)):
        assert saver.checkpoints.resolve(which) == step


def test_nothing_is_removed_if_the_pointers_cannot_be_written(
    saver: Saver, monkeypatch: pytest.MonkeyPatch
) -> None:
    saver.save(10)
    saver.save(20)

    def full(path: Path, text: str) -> None:
        raise EnvironmentProblem(f"{path}: No space left on device")

    monkeypatch.setattr(checkpoint, "replace_file", full)
    with pytest.raises(EnvironmentProblem, match="No space"):
        saver.checkpoints.settle(saver.state.progress, keep_last=1)
    assert saver.checkpoints.steps() == [10, 20]


@pytest.mark.parametrize("which", ["best", "last", "15", "newest", "-1", "²"])
def test_resolve_explains_what_there_is(saver: Saver, which: str) -> None:
    with pytest.raises(CheckpointError, match="has saved none yet"):
        saver.checkpoints.resolve(which)
    saver.save(10)
    if which == "last":
        assert saver.checkpoints.resolve(which) == 10
        return
    with pytest.raises(CheckpointError, match=r"expected best, last or a step\. There are: 10\."):
        saver.checkpoints.resolve(which)


def test_a_pointer_of_vast_size(saver: Saver) -> None:
    best = saver.checkpoints.directory / "best"
    best.touch()
    os.truncate(best, 1 << 40)
    with pytest.raises(CheckpointError, match="best: cannot be read: it is larger than"):
        saver.checkpoints.resolve("best")


def test_recover_from_a_crash_between_the_two_renames(saver: Saver) -> None:
    path = saver.save(10)
    good = (path / "state.npz").read_bytes()
    path.rename(path.with_name(f".{path.name}.old"))
    shutil.copytree(path.with_name(f".{path.name}.old"), path.with_name(".step-00000020.tmp"))
    assert saver.checkpoints.steps() == []
    saver.checkpoints.recover()
    assert (path / "state.npz").read_bytes() == good
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    # After the second rename the new one is there, and the old one is of no use.
    shutil.copytree(path, path.with_name(f".{path.name}.old"))
    saver.checkpoints.recover()
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_saving_a_step_again_replaces_it(saver: Saver) -> None:
    path = saver.save(10)
    before = (path / "state.npz").read_bytes()
    saver.save(10)
    assert (path / "state.npz").read_bytes() != before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_folder_that_became_a_link_is_neither_written_nor_cleaned(saver: Saver, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (outside / ".step-00000001.tmp").mkdir(parents=True)
    (outside / "step-00000007").mkdir()
    (tmp_path / "checkpoints").symlink_to(outside)
    with pytest.raises(EnvironmentProblem, match="it is a symbolic link, not a folder"):
        saver.save(1)
    saver.checkpoints.recover()
    saver.checkpoints.settle(saver.state.progress, 1)
    assert sorted(path.name for path in outside.iterdir()) == [".step-00000001.tmp", "step-00000007"]


@pytest.mark.parametrize("told", [True, False])
def test_a_file_of_vast_size_is_not_hashed(saver: Saver, monkeypatch: pytest.MonkeyPatch, told: bool) -> None:
    path = saver.save(10)
    with (path / "weights.npz").open("r+b") as file:
        file.truncate(1 << 40)
    if told:
        manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
        manifest["files"]["weights.npz"]["size"] = 1 << 40
        (path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    monkeypatch.setattr(checkpoint, "file_hash", lambda *_, **__: pytest.fail("it was read"))
    with pytest.raises(CheckpointError, match=r"weights\.npz: .*1,099,511,627,776 bytes"):
        load_weights(saver.learner.model, path)
