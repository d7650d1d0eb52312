"""A whole training: what it leaves, how it ends, what it says when it cannot."""

from __future__ import annotations

import json
import os
import shutil
import signal
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from nlpx.components.observers.base import Listener, Setting
from nlpx.components.observers.events import CheckpointDue, EpochEnded, Event, LossLogged, StepDone, Stopped
from nlpx.engine import arrays, checkpoint
from nlpx.engine.checkpoint import Checkpoints, load_weights
from nlpx.engine.learner import Evaluation, phases_of
from nlpx.engine.signals import Abandoned, StopRequest
from nlpx.engine.step import build_step
from nlpx.engine.train import configure, train
from nlpx.errors import CheckpointError, ConfigError, Diverged, EnvironmentProblem, Interrupted
from nlpx.specs.sections import TrainSection
from tests.engine.toy import ToyBatches, ToyLearner, resumed_job, toy_job


@pytest.fixture(autouse=True)
def control_c() -> Iterator[None]:
    """Ctrl-C works, also where the tests run in the background of a shell."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


LEARNING: dict[str, object] = {"optimizer": {"type": "adam", "learning_rate": 0.05}, "train": {"epochs": 25}}


def test_it_learns_and_the_best_checkpoint_holds_what_was_evaluated(tmp_path: Path) -> None:
    job = toy_job(tmp_path, tricks=[{"type": "ema", "momentum": 0.5}], **LEARNING)
    outcome = train(job)
    assert (outcome.progress.step, outcome.progress.epoch, outcome.reason) == (150, 25, "epochs")
    (best_step, value), *_ = outcome.progress.best
    assert value < 0.6 < 2.5
    learner = ToyLearner()
    checkpoints = Checkpoints(tmp_path)
    best = checkpoints.resolve("best")
    assert best == best_step
    load_weights(learner.model, checkpoints.path(best))
    assert learner.evaluate().metrics["nll"] == pytest.approx(value, rel=1e-6)
    assert outcome.traces == 1


class Watch(Listener):
    """Keeps everything."""

    def __init__(self) -> None:
        self.settings: list[Setting] = []
        self.events: list[Event] = []
        self.ended = 0

    def begin(self, setting: Setting) -> None:
        self.settings.append(setting)

    def on(self, event: Event) -> None:
        self.events.append(event)

    def end(self) -> None:
        self.ended += 1


def bad_batches(epoch: int, index: int, batch: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {**batch, "factor": np.array(np.nan if (epoch, index) == (1, 2) else 1.0, np.float32)}


def test_nan_stops_and_saves_the_batch(tmp_path: Path) -> None:
    watch = Watch()
    job = toy_job(tmp_path, train={"epochs": 3, "accumulation": 2}, checkpoint={"every": 1})
    batches = ToyBatches(accumulation=2, change=bad_batches)
    with pytest.raises(Diverged) as caught:
        train(replace(job, batches=batches, observers=[watch]))
    message = str(caught.value)
    assert caught.value.exit_code == 5
    for part in (
        "update 9 (epoch 2)",
        "the loss is nan",
        "rate 0.001",
        "diverged/batch.npz",
        "Checkpoint 8 is from before it",
    ):
        assert part in message
    saved = np.load(tmp_path / "diverged" / "batch.npz", allow_pickle=False)
    for i, batch in enumerate(batches.update(1, 2)):
        for name, values in batch.items():
            np.testing.assert_array_equal(saved[f"{i}/{name}"], values)
    where = json.loads((tmp_path / "diverged" / "batch.json").read_text(encoding="utf-8"))
    assert where["items"] == [[1, 2, 0], [1, 2, 1]]
    assert where["losses"] == ["nan", "nan"]
    assert (where["update"], where["index"]) == (9, 2)
    assert watch.ended == 1
    # The last checkpoint is that of a run which ended before the bad update.
    (tmp_path / "short").mkdir()
    short = toy_job(tmp_path / "short", train={"steps": 8, "accumulation": 2})
    train(replace(short, batches=batches))
    for directory in (tmp_path, tmp_path / "short"):
        assert Checkpoints(directory).resolve("last") == 8
    states = [Checkpoints(directory).load(8)[0] for directory in (tmp_path, tmp_path / "short")]
    for name, array in states[0].items():
        np.testing.assert_array_equal(array, states[1][name])


def test_disk_full_in_the_middle_of_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run ends with exit 4, and goes on from the last good checkpoint once there is space."""
    real = arrays.write_arrays

    def full(path: Path, arrays: dict[str, np.ndarray]) -> None:
        if "step-00000006" in str(path):
            path.write_bytes(b"PK")
            raise OSError(28, "No space left on device")
        real(path, arrays)

    sections: dict[str, object] = {"train": {"epochs": 2}, "checkpoint": {"every": 2}}
    monkeypatch.setattr(checkpoint, "write_arrays", full)
    with pytest.raises(
        EnvironmentProblem, match=r"No space left.*checkpoint of step 4 is untouched"
    ) as caught:
        train(toy_job(tmp_path, **sections))
    assert caught.value.exit_code == 4
    assert Checkpoints(tmp_path).steps() == [4]
    assert not list((tmp_path / "checkpoints").glob(".*"))
    monkeypatch.setattr(checkpoint, "write_arrays", real)
    watch = Watch()
    assert train(replace(resumed_job(tmp_path, **sections), observers=[watch])).progress.step == 12
    assert watch.settings[0].step == 4


def test_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    file = tmp_path / "run"
    file.write_text("", encoding="utf-8")
    with pytest.raises(EnvironmentProblem, match=r"run: the records of the run cannot be written: Not a dir"):
        train(toy_job(file))


def test_resuming_with_another_model(tmp_path: Path) -> None:
    train(toy_job(tmp_path, train={"epochs": 1}))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    job = resumed_job(tmp_path, train={"epochs": 2})
    with pytest.raises(CheckpointError, match=r"does not fit this model[\s\S]*float32\[20, 8\]"):
        train(replace(job, learner=ToyLearner(dim=10)))
    with pytest.raises(CheckpointError, match=r"tricks/main/0000 .*is not in the checkpoint"):
        train(resumed_job(tmp_path, tricks=["ema"]))
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_the_monitor_must_be_measured(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no metric gives 'valid/bleu'"):
        train(toy_job(tmp_path, checkpoint={"monitor": "valid/bleu"}))
    with pytest.raises(ConfigError, match=r"evaluation gives no 'valid/bleu'"):
        train(toy_job(tmp_path, checkpoint={"monitor": "valid/bleu", "mode": "max"}, train={"steps": 1}))


def test_evaluations_without_a_finite_number_have_no_best(tmp_path: Path) -> None:
    job = replace(toy_job(tmp_path, train={"epochs": 1}), evaluate=lambda: Evaluation({"nll": float("nan")}))
    outcome = train(job)
    assert outcome.progress.best == []
    assert not (tmp_path / "best").exists()
    assert '"valid/nll": null' in (tmp_path / "metrics.jsonl").read_text(encoding="utf-8")


def test_an_observer_can_end_the_run(tmp_path: Path) -> None:
    class Enough(Listener):
        stop_requested = False

        def on(self, event: Event) -> None:
            self.stop_requested = event.step >= 3

    outcome = train(replace(toy_job(tmp_path, train={"epochs": 9}), observers=[Enough()]))
    assert (outcome.progress.step, outcome.reason, outcome.progress.best[0][0]) == (3, "callback", 3)


def test_a_signal_cuts_an_evaluation_short(tmp_path: Path) -> None:
    """Evaluation weights are taken out again, the step is saved, and a resume evaluates what was not."""
    sections: dict[str, object] = {"train": {"epochs": 2}, "tricks": ["ema"]}
    job = toy_job(tmp_path, **sections)
    after: list[str] = []

    def evaluate() -> Evaluation:
        os.kill(os.getpid(), signal.SIGINT)
        after.append("not reached")
        return Evaluation({"nll": 1.0})

    with pytest.raises(Interrupted, match="stopped at step 6 and saved"):
        train(replace(job, evaluate=evaluate))
    assert not after
    watch = Watch()
    train(replace(resumed_job(tmp_path, **sections), observers=[watch]))
    assert [type(event).__name__ for event in watch.events[:3]] == [
        "EvaluationBegan",
        "Evaluated",
        "EpochEnded",
    ]
    records = (tmp_path / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["step"] for line in records if "valid/nll" in line] == [6, 12]


class Press(Listener):
    """Ctrl-C after the fifth update."""

    def on(self, event: Event) -> None:
        if isinstance(event, StepDone) and event.step == 5:
            os.kill(os.getpid(), signal.SIGINT)


def test_only_what_an_interruption_makes_log_is_partial(tmp_path: Path) -> None:
    watch = Watch()
    job = toy_job(tmp_path, train={"epochs": 2, "log_every": 3})
    with pytest.raises(Interrupted):
        train(replace(job, observers=[watch, Press()]))
    logged = [event for event in watch.events if isinstance(event, LossLogged)]
    assert [(event.step, event.partial) for event in logged] == [(3, False), (5, True)]


def test_a_second_control_c_while_saving_does_no_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = arrays.write_arrays

    def interrupted(path: Path, arrays: dict[str, np.ndarray]) -> None:
        real(path, arrays)
        if "step-00000005" in str(path):
            os.kill(os.getpid(), signal.SIGTERM)  # not the second Ctrl-C: ignored
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(checkpoint, "write_arrays", interrupted)
    job = toy_job(tmp_path, train={"epochs": 2}, checkpoint={"every": 2})
    with pytest.raises(Interrupted, match="stopped at once"):
        train(replace(job, observers=[Press()]))
    assert Checkpoints(tmp_path).steps() == [4]
    assert not list((tmp_path / "checkpoints").glob(".*"))
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_outside_the_main_thread_signals_are_left_alone() -> None:
    handlers: list[object] = []

    def work() -> None:
        with StopRequest() as request:
            handlers.append(signal.getsignal(signal.SIGINT))
            assert request.number is None

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert handlers == [signal.default_int_handler]


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    numbers = []
    with StopRequest() as request:
        for number in (signal.SIGINT, signal.SIGTERM):
            os.kill(os.getpid(), number)
            numbers.append(request.number)
    assert numbers == [None, signal.SIGTERM]
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_work_that_would_be_abandoned_is_not_begun() -> None:
    with StopRequest() as request:
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(Abandoned), request.abandonable():
            raise AssertionError
    assert request.number == signal.SIGTERM


def test_observers_of_the_config_are_told_and_end_with_the_run(tmp_path: Path) -> None:
    sections: dict[str, object] = {"train": {"epochs": 1}, "observers": ["tensorboard"]}
    train(toy_job(tmp_path, **sections))
    assert len(list((tmp_path / "tensorboard").iterdir())) == 1


@pytest.mark.parametrize("precision", ["float32", "mixed_float16"])
def test_sections_reach_the_step(tmp_path: Path, precision: str) -> None:
    train = {"precision": precision, "accumulation": 3}
    job = toy_job(tmp_path, train=train, tricks=["ema", "gradient_clip"])
    (step,) = build_step(job, phases_of(job.learner), 10, job.optimizer).updates
    assert [type(trick).__name__ for trick in step.tricks] == ["EMA", "GradientClip"]
    assert (step.loss_scale is not None) == (precision == "mixed_float16")


class Overflowing(ToyLearner):
    """Gradients that overflow float16 above a loss scale of 2^10: five updates are skipped."""

    def loss(self, batch: Mapping[str, tf.Tensor], training: bool) -> tuple[tf.Tensor, tf.Tensor]:
        loss, weight = super().loss(batch, training)
        bias = tf.cast(self.model.head.bias.value[0], tf.float16)
        return loss + weight * tf.cast(bias * 60.0, tf.float32), weight


def test_skipped_updates_are_counted_and_the_schedule_ends_with_the_run(tmp_path: Path) -> None:
    sections: dict[str, object] = {
        "train": {"steps": 12, "precision": "mixed_float16", "accumulation": 2, "log_every": 2},
        "optimizer": {"type": "sgd", "learning_rate": 0.11, "schedule": "linear"},
        "checkpoint": {"every": 4, "keep_last": 3},
    }
    watch = Watch()
    job = replace(toy_job(tmp_path, **sections), learner=Overflowing(), observers=[watch])
    train(job)
    rates = [event.learning_rate for event in watch.events if isinstance(event, StepDone)]
    np.testing.assert_allclose(rates, np.linspace(0.11, 0.0, 12), atol=1e-7)
    records = [json.loads(line) for line in (tmp_path / "metrics.jsonl").open(encoding="utf-8")]
    skipped = [record["train/skipped_updates"] for record in records if "train/loss" in record]
    assert skipped == [2, 2, 1, 0, 0, 0]
    assert [event.skipped for event in watch.events if isinstance(event, Stopped)] == [5]
    ended = next(event for event in watch.events if isinstance(event, EpochEnded))
    assert (ended.skipped, ended.updates) == (5, 6)

    # Killed after update 8: a resumed schedule knows of the updates that were skipped before.
    resumed = tmp_path / "resumed"
    shutil.copytree(tmp_path / "checkpoints", resumed / "checkpoints")
    for step in Checkpoints(resumed).steps():
        if step > 8:
            shutil.rmtree(Checkpoints(resumed).path(step))
    for name in ("metrics.jsonl", "samples.jsonl"):
        shutil.copy(tmp_path / name, resumed / name)
    again = Watch()
    train(replace(resumed_job(resumed, **sections), learner=Overflowing(), observers=[again]))
    assert [event.learning_rate for event in again.events if isinstance(event, StepDone)] == rates[8:]
    assert (resumed / "metrics.jsonl").read_bytes() == (tmp_path / "metrics.jsonl").read_bytes()


def test_configure_seeds_and_sets_the_precision() -> None:
    policy = keras.config.dtype_policy()
    try:
        weights = []
        for _ in range(2):
            configure(11, TrainSection(precision="mixed_bfloat16", deterministic=False))
            weights.append([w.value.numpy() for w in ToyLearner().model.variables])
        assert keras.config.dtype_policy().name == "mixed_bfloat16"
    finally:
        keras.config.set_dtype_policy(policy)
    for first, second in zip(*weights, strict=True):
        np.testing.assert_array_equal(first, second)


def test_checkpoints_come_after_evaluations_and_every_so_often(tmp_path: Path) -> None:
    watch = Watch()
    train(replace(toy_job(tmp_path, train={"epochs": 2}, checkpoint={"every": 4}), observers=[watch]))
    assert [event.step for event in watch.events if isinstance(event, CheckpointDue)] == [4, 6, 8, 12]
    assert Checkpoints(tmp_path).resolve("last") == 12
