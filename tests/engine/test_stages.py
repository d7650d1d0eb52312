"""Trainings in stages: what each changes, and that it is a training of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from nlpx.components.observers.base import Listener, Setting
from nlpx.components.observers.events import (
    EpochBegan,
    EpochEnded,
    Event,
    StageBegan,
    StageEnded,
    StepDone,
    Stopped,
)
from nlpx.components.observers.keras_callback import KerasCallback
from nlpx.engine.arrays import read_arrays
from nlpx.engine.checkpoint import Checkpoints, load_weights
from nlpx.engine.job import Job
from nlpx.engine.learner import Batch, Evaluation
from nlpx.engine.stages import Stages
from nlpx.engine.train import Outcome, train
from nlpx.errors import ConfigError
from tests.engine.staged_toy import UPDATES, StagedBatches, StagedLearner, staged_job, values

SGD = {"type": "sgd", "learning_rate": 0.1, "momentum": 0.9}
ADAM = {"type": "adam", "learning_rate": 0.01}
Arrays = Mapping[str, np.ndarray]


class Watch(Listener):
    """Remembers every event, and the variables of the model when a stage begins and at the end."""

    def __init__(self, job: Job) -> None:
        self._model = job.learner.model
        self.events: list[Event] = []
        self.seen: list[Arrays] = []

    def on(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, StageBegan | Stopped):
            self.seen.append(values(self._model))

    def of(self, *kinds: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kinds)]


@dataclass
class Run:
    job: Job
    outcome: Outcome
    watch: Watch


def run(job: Job, *more: Listener) -> Run:
    watch = Watch(job)
    return Run(job, train(replace(job, observers=[watch, *more])), watch)


def changed(before: Arrays, after: Arrays) -> set[str]:
    return {name for name, array in before.items() if not np.array_equal(array, after[name])}


def test_each_stage_changes_its_part_alone_to_the_bit(tmp_path: Path) -> None:
    """Statistics of frozen normalization too; those of opened ones do change."""
    stages = [
        {"epochs": 2, "frozen": ["backbone"]},
        {"epochs": 1, "trainable_from": "block2", "optimizer": SGD},
        {"steps": 3, "frozen": ["norm", "hidden"]},
    ]
    before, after_1, after_2, after_3 = run(
        staged_job(tmp_path, train={"stages": stages}, tricks=["ema"])
    ).watch.seen
    seed = {"seed_generator_state"}
    head = {"staged/head/kernel", "staged/head/bias"}
    hidden = {"staged/hidden/kernel", "staged/hidden/bias"}
    norms = {
        block: {f"{block}_norm/{name}" for name in ("gamma", "beta", "moving_mean", "moving_variance")}
        for block in ("block1", "block2")
    }
    convs = {block: {f"{block}_conv/kernel", f"{block}_conv/bias"} for block in ("block1", "block2")}
    everything = {"embedding/embeddings", *head, *hidden}.union(*norms.values(), *convs.values())
    assert everything | {name for name in before if "seed" in name} == set(before)

    def weights(first: Arrays, second: Arrays) -> set[str]:
        return {name for name in changed(first, second) if not any(s in name for s in seed)}

    assert weights(before, after_1) == head | hidden
    # The bias of a convolution before a normalization has no gradient but rounding errors.
    without = {"block1_conv/bias", "block2_conv/bias"}
    assert weights(after_1, after_2) - without == head | hidden | norms["block2"] | {"block2_conv/kernel"}
    third = everything - hidden - norms["block1"] - norms["block2"]
    assert weights(after_2, after_3) - without == third - without


def test_averages_leave_frozen_weights_as_they_are(tmp_path: Path) -> None:
    stages = [{"epochs": 1, "trainable_from": "hidden"}]
    found = run(staged_job(tmp_path, train={"stages": stages}, tricks=[{"type": "ema", "momentum": 0.9}]))
    other = StagedLearner()
    load_weights(other.model, Checkpoints(tmp_path).path(UPDATES))
    raw, loaded, begun = values(found.job.learner.model), values(other.model), found.watch.seen[0]
    for name in begun:
        if "norm" in name or "conv" in name or "embedding" in name:
            np.testing.assert_array_equal(loaded[name], begun[name])
    assert not np.array_equal(loaded["staged/head/kernel"], raw["staged/head/kernel"])


@pytest.mark.parametrize("accumulation", [1, 3])
def test_stages_are_trainings_chained_by_hand(tmp_path: Path, accumulation: int) -> None:
    """Three trainings without stages; layers are frozen and all variables handed on by hand."""
    schedule = {"type": "linear", "warmup_steps": 2}
    optimizers = [{**ADAM, "schedule": schedule}, {**SGD, "schedule": schedule}, ADAM]
    lengths = [{"epochs": 1}, {"steps": 7}, {"epochs": 1}]
    froms = [{"trainable_from": "hidden"}, {"trainable_from": "block2_conv"}, {}]
    common = {"accumulation": accumulation, "evaluate_every": 3, "log_every": 2}
    tricks = [{"type": "ema", "momentum": 0.8}, {"type": "gradient_clip", "norm": 0.5}]
    stages = [
        {**length, **first, "optimizer": optimizer}
        for length, first, optimizer in zip(lengths, froms, optimizers, strict=True)
    ]
    keep = {"keep_last": 9}
    whole = run(
        staged_job(tmp_path / "whole", train={**common, "stages": stages}, tricks=tricks, checkpoint=keep)
    )

    held: list[np.ndarray] | None = None
    losses: list[float] = []
    rates: list[float] = []
    frozen = (
        ("embedding", "block1_conv", "block1_norm", "block2_conv", "block2_norm"),
        ("embedding", "block1_conv", "block1_norm"),
        (),
    )
    for number, epoch in enumerate((0, 1, 3)):
        job = staged_job(
            tmp_path / str(number),
            train={**common, **lengths[number]},
            tricks=tricks,
            optimizer=optimizers[number],
        )
        model = job.learner.model
        for name in frozen[number]:
            model.backbone.get_layer(name).trainable = False
        if held is not None:
            for variable, value in zip(model.variables, held, strict=True):
                variable.assign(value)
        part = run(replace(job, batches=StagedBatches(accumulation, epoch)))
        held = [variable.value.numpy() for variable in model.variables]
        losses += [event.loss for event in part.watch.events if isinstance(event, StepDone)]
        rates += [event.learning_rate for event in part.watch.events if isinstance(event, StepDone)]
        step = whole.watch.of(StageEnded, Stopped)[number].step
        staged = read_arrays(Checkpoints(tmp_path / "whole").path(step) / "weights.npz")
        alone = read_arrays(
            Checkpoints(tmp_path / str(number)).path(part.outcome.progress.step) / "weights.npz"
        )
        fixed = {id(w) for name in frozen[number] for w in model.backbone.get_layer(name).weights}
        for (name, value), weight in zip(staged.items(), model.weights, strict=True):
            # Without stages averages are taken of all weights, which costs frozen ones their last bit.
            tolerance = 1e-6 if id(weight) in fixed else 0.0
            np.testing.assert_allclose(value, alone[name], rtol=tolerance, atol=tolerance)

    done = [event for event in whole.watch.events if isinstance(event, StepDone)]
    assert [event.loss for event in done] == losses
    assert [event.learning_rate for event in done] == rates
    assert whole.outcome.progress.step == len(losses) == UPDATES + 7 + UPDATES
    for variable, value in zip(whole.job.learner.model.variables, held or [], strict=True):
        np.testing.assert_array_equal(variable.value.numpy(), value)


def test_the_optimizer_of_a_stage_exists_in_that_stage_only(tmp_path: Path) -> None:
    stages = [
        {"epochs": 1, "frozen": ["backbone"], "optimizer": ADAM},
        {"epochs": 1, "trainable_from": "block2_conv", "optimizer": SGD},
    ]
    run(staged_job(tmp_path, train={"stages": stages}, checkpoint={"keep_last": 9, "keep_best": 9}))
    shapes = {}
    for step in Checkpoints(tmp_path).steps():
        arrays, progress = Checkpoints(tmp_path).load(step)
        assert progress.stage == (0 if step <= UPDATES else 1)
        shapes[progress.stage] = [array.shape for name, array in arrays.items() if "optimizer" in name]
    top = [(6, 6), (6,), (6, 20), (20,)]
    assert shapes[0].count((6, 20)) == 2  # both moments of Adam
    assert len(shapes[0]) == 1 + 2 * len(top)  # and the number of updates
    assert shapes[1].count((6, 20)) == 1  # the velocity of SGD
    assert len(shapes[1]) == 1 + len(top) + 4  # kernel, bias, gamma, beta of block 2


def test_a_stage_begins_with_an_epoch(tmp_path: Path) -> None:
    """A stage of 7 updates takes two epochs of 5, the second of which is cut; callbacks count its batches."""
    stages = [{"steps": 7}, {"epochs": 1}]
    calls: list[tuple[str, int]] = []
    observer = KerasCallback(callback="keras.callbacks:LambdaCallback").prepare()
    callback = observer._callback
    callback.on_epoch_begin = lambda epoch, logs: calls.append(("begin", epoch))
    callback.on_epoch_end = lambda epoch, logs: calls.append(("end", epoch))
    callback.on_train_batch_end = lambda batch, logs: calls.append(("batch", batch))
    found = run(staged_job(tmp_path, train={"stages": stages}), observer)
    assert [
        (type(e).__name__, e.step, e.epoch) for e in found.watch.of(EpochBegan, EpochEnded, StageBegan)
    ] == [
        ("StageBegan", 0, 0),
        ("EpochBegan", 0, 0),
        ("EpochEnded", 5, 0),
        ("EpochBegan", 5, 1),
        ("EpochEnded", 7, 1),
        ("StageBegan", 7, 2),
        ("EpochBegan", 7, 2),
        ("EpochEnded", 12, 2),
    ]
    batches = [("batch", i) for i in range(5)]
    assert calls == [
        *[("begin", 0), *batches, ("end", 0)],
        *[("begin", 1), *batches[:2], ("end", 1)],
        *[("begin", 2), *batches, ("end", 2)],
    ]
    assert (found.outcome.progress.step, found.outcome.progress.epoch, found.outcome.reason) == (
        12,
        3,
        "epochs",
    )


def test_early_stopping_ends_a_stage_and_the_last_one_the_run(tmp_path: Path) -> None:
    """Each stage waits anew; epochs that are left out keep their numbers; the best is that of the run."""
    left = iter([1.0, 2.0, 2.0, 9.0, 8.0, 7.0, 7.5, 6.0, 5.0, 4.0, 4.0, 4.0])
    stages = [{"epochs": 10}, {"epochs": 4}, {"epochs": 9}]
    job = staged_job(tmp_path, train={"stages": stages, "early_stopping": {"patience": 2}})
    asked: list[int] = []

    class Noting(StagedBatches):
        def update(self, epoch: int, index: int) -> list[Batch]:
            asked.append(epoch)
            return super().update(epoch, index)

    job = replace(job, evaluate=lambda: Evaluation({"nll": next(left)}), batches=Noting())
    found = run(job)
    assert [(e.step, e.stage, e.reason) for e in found.watch.events if isinstance(e, StageEnded)] == [
        (3 * UPDATES, 0, "early_stopping"),
        (7 * UPDATES, 1, "epochs"),
    ]
    assert list(dict.fromkeys(asked)) == [0, 1, 2, *range(10, 14), *range(14, 19)]
    assert (found.outcome.progress.step, found.outcome.reason) == (12 * UPDATES, "early_stopping")
    assert found.outcome.progress.best == [(UPDATES, 1.0)]
    totals = [event.total for event in found.watch.events if isinstance(event, StageBegan)]
    assert totals == [23 * UPDATES, 16 * UPDATES, 16 * UPDATES]


def test_a_callback_ends_the_run_in_any_stage(tmp_path: Path) -> None:
    class Enough(Listener):
        stop_requested = False

        def on(self, event: Event) -> None:
            self.stop_requested = event.step >= 2

    found = run(staged_job(tmp_path, train={"stages": [{"epochs": 1}, {"epochs": 1}]}), Enough())
    assert (found.outcome.progress.step, found.outcome.reason) == (2, "callback")
    assert not found.watch.of(StageEnded)


def test_a_callback_may_end_the_run_between_stages(tmp_path: Path) -> None:
    class Enough(Listener):
        stop_requested = False

        def on(self, event: Event) -> None:
            self.stop_requested = self.stop_requested or isinstance(event, StageEnded)

    found = run(staged_job(tmp_path, train={"stages": [{"epochs": 1}, {"epochs": 1}]}), Enough())
    assert (found.outcome.progress.step, found.outcome.reason) == (UPDATES, "callback")


def test_records_carry_the_stage_and_none_without_stages(tmp_path: Path) -> None:
    sections: dict[str, object] = {"stages": [{"epochs": 1}, {"steps": 3}], "log_every": 2}
    run(staged_job(tmp_path / "staged", train=sections))
    rows = (tmp_path / "staged" / "metrics.csv").read_text(encoding="utf-8").splitlines()
    assert rows[0].startswith("step,epoch,stage,train/loss")
    places = [tuple(row.split(",")[i] for i in (0, 2)) for row in rows[1:]]
    assert places == [("2", "1"), ("4", "1"), ("5", "1"), ("5", "1"), ("7", "2"), ("8", "2"), ("8", "2")]
    plain = run(staged_job(tmp_path / "plain", train={"epochs": 1}))
    assert "stage" not in (tmp_path / "plain" / "metrics.jsonl").read_text(encoding="utf-8")
    assert not plain.watch.of(StageBegan, StageEnded)


def test_observers_are_told_the_length_of_all_stages(tmp_path: Path) -> None:
    told: list[int] = []

    class Tell(Listener):
        def begin(self, setting: Setting) -> None:
            told.append(setting.total_steps)

    run(staged_job(tmp_path, train={"stages": [{"epochs": 2}, {"steps": 3}]}), Tell())
    assert told == [2 * UPDATES + 3]


@pytest.mark.parametrize(
    ("stages", "message"),
    [
        (
            [{"epochs": 1}, {"epochs": 1, "trainable_from": "blokc2_conv"}],
            r"^train\.stages\.1\.trainable_from: no part of the model has 'blokc2_conv' in its name; expected a "
            r"piece of one of backbone/embedding, backbone/block1_conv, .*, hidden, head; did you mean block2_conv\?$",
        ),
        ([{"epochs": 1, "frozen": ["head", "tail"]}], r"^train\.stages\.0\.frozen\.1: no part .* 'tail'"),
        ([{"epochs": 1}, {"epochs": 1, "frozen": ["backbone", "h"]}], r"^train\.stages\.1: nothing is left to train"),
        ([{"epochs": 1, "trainable_from": "head", "frozen": ["head"]}], "nothing is left to train"),
    ],
)  # fmt: skip
def test_names_are_checked_before_training(
    tmp_path: Path, stages: list[dict[str, object]], message: str
) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        train(staged_job(tmp_path, train={"stages": stages}))
    assert caught.value.exit_code == 2
    assert not list(tmp_path.iterdir())


HEAD = {"type": "freeze", "only": ["head/*"]}
REST = {"type": "lr_multipliers", "multipliers": {"head/bias": 1, "*": 0}}


@pytest.mark.parametrize(
    ("stages", "tricks", "message"),
    [
        ([{"epochs": 1}, {"epochs": 1, "trainable_from": "head"}], [HEAD], r"^tricks: in train\.stages\.1: nothing"),
        (None, [{"type": "freeze", "only": ["*"]}], r"^tricks: nothing is left to train"),
        (None, [HEAD, REST], r"^tricks: nothing is left to train"),
        (None, [{**HEAD, "until": 9}, REST], ""),
        (None, [{**HEAD, "only": ["*"], "start": 2}], ""),
        (None, [REST], ""),
    ],
)  # fmt: skip
def test_tricks_leave_something_to_train(
    tmp_path: Path, stages: list[object] | None, tricks: list[object], message: str
) -> None:
    """This is known before the first stage, not when the one begins that would train nothing."""
    job = staged_job(tmp_path, train={"stages": stages} if stages else {}, tricks=tricks)
    if not message:
        assert Stages(job).plans
        return
    with pytest.raises(ConfigError, match=message):
        Stages(job)
