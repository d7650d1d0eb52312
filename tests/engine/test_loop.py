"""Which events come when."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nlpx.components.observers import events
from nlpx.engine.divergence import StepFailed
from nlpx.engine.learner import Evaluation
from nlpx.engine.loop import steps
from nlpx.engine.stages import Stages
from nlpx.engine.state import Progress
from nlpx.engine.stopping import Monitor
from nlpx.engine.train import train
from nlpx.errors import DataError
from tests.engine.toy import ToyBatches, toy_job

SHORT = {
    events.EpochBegan: "begin",
    events.StepDone: "step",
    events.LossLogged: "log",
    events.EvaluationBegan: "evaluating",
    events.Evaluated: "evaluated",
    events.EpochEnded: "end",
    events.CheckpointDue: "save",
    events.Stopped: "stop",
    StepFailed: "failed",
}


def run(
    tmp_path: Path, values: list[float] | None = None, stop_after: int | None = None, **sections: object
) -> list[events.Event]:
    job = toy_job(tmp_path, **sections)
    stages = Stages(replace(job, batches=ToyBatches(updates=4)))
    stages.enter(Progress())
    numbers = iter(values or [])
    done: list[events.Event] = []
    for event in steps(
        stages,
        lambda: Evaluation({"nll": next(numbers, 1.0)}),
        Monitor(job.checkpoint, job.train.early_stopping, job.directions),
        stop_requested=lambda: stop_after is not None and stages.state.progress.step >= stop_after,
    ):
        done.append(event)
    return done


def story(found: list[events.Event]) -> str:
    return " ".join(f"{SHORT[type(event)]}{event.step}" for event in found)


def test_evaluation_every_epoch(tmp_path: Path) -> None:
    assert story(run(tmp_path, train={"epochs": 2, "log_every": 3})) == (
        "begin0 step1 step2 step3 log3 step4 evaluating4 evaluated4 end4 save4 "
        "begin4 step5 step6 log6 step7 step8 log8 evaluating8 evaluated8 end8 save8 stop8"
    )


def test_evaluation_every_three_updates_and_at_the_end(tmp_path: Path) -> None:
    found = run(
        tmp_path,
        train={"steps": 5, "epochs": 1, "evaluate_every": 3, "log_every": 9},
        checkpoint={"every": 2},
    )
    assert story(found) == (
        "begin0 step1 step2 save2 step3 evaluating3 evaluated3 save3 step4 end4 save4 "
        "begin4 step5 log5 evaluating5 evaluated5 save5 stop5"
    )
    assert [event.reason for event in found if isinstance(event, events.Stopped)] == ["steps"]
    ended = next(event for event in found if isinstance(event, events.EpochEnded))
    assert (ended.epoch, ended.metrics) == (0, {})


def test_steps_beat_epochs(tmp_path: Path) -> None:
    assert run(tmp_path, train={"steps": 6, "epochs": 1})[-1].step == 6


def test_early_stopping(tmp_path: Path) -> None:
    found = run(tmp_path, [3.0, 2.0, 2.5, 2.0], train={"epochs": 9, "early_stopping": {"patience": 2}})
    assert isinstance(found[-1], events.Stopped)
    assert (found[-1].step, found[-1].reason) == (16, "early_stopping")
    assert [event.improved for event in found if isinstance(event, events.Evaluated)] == [
        True,
        True,
        False,
        False,
    ]


def test_a_callback_ends_the_run_with_an_evaluation(tmp_path: Path) -> None:
    found = run(tmp_path, stop_after=2, train={"epochs": 3})
    assert story(found) == "begin0 step1 step2 evaluating2 evaluated2 save2 stop2"
    assert isinstance(found[-1], events.Stopped)
    assert found[-1].reason == "callback"


def test_logged_loss_is_the_mean_over_the_interval(tmp_path: Path) -> None:
    found = run(tmp_path, train={"epochs": 1, "log_every": 4})
    done = [event for event in found if isinstance(event, events.StepDone)]
    logged = next(event for event in found if isinstance(event, events.LossLogged))
    total = sum(event.loss * event.weight for event in done)
    assert logged.loss == pytest.approx(total / sum(event.weight for event in done))
    assert logged.gradient_norm == pytest.approx(sum(event.gradient_norm for event in done) / 4)
    assert logged.learning_rate == done[-1].learning_rate
    ended = next(event for event in found if isinstance(event, events.EpochEnded))
    assert ended.loss == logged.loss
    assert ended.metrics == {"valid/nll": 1.0}


def test_nothing_to_train_on(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no training rows"):
        train(replace(toy_job(tmp_path), batches=ToyBatches(updates=0)))
