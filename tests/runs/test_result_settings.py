"""Recorders change no result, so they make no other experiment."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlpx.errors import UsageError
from nlpx.runs.compare import compare
from nlpx.runs.config_diff import changed_settings
from nlpx.runs.details import details
from nlpx.runs.identity import config_id
from nlpx.runs.snapshot import verify_resume
from nlpx.specs.experiment import Experiment
from tests.runs.making import HASHES, couplet, make_run

CALLBACK = {"type": "keras_callback", "callback": "keras.callbacks:TerminateOnNaN"}


def identity(experiment: Experiment) -> str:
    return config_id(experiment.model_dump(mode="json"))


def test_recorders_do_not_count_and_other_observers_do() -> None:
    plain, stopping = couplet(), couplet(observers=[CALLBACK])
    assert identity(couplet(observers=["tensorboard"])) == identity(plain)
    assert identity(couplet(observers=["tensorboard", CALLBACK])) == identity(stopping)
    assert identity(stopping) != identity(plain)
    assert changed_settings(couplet(observers=["tensorboard"])) == changed_settings(plain)
    assert "observers.0" in [
        each.key for each in changed_settings(couplet(observers=["tensorboard", CALLBACK]))
    ]


def test_a_run_may_be_resumed_with_another_recorder_and_compared_without(tmp_path: Path) -> None:
    plain = make_run(tmp_path, "plain")
    recorded = make_run(
        tmp_path, "recorded", experiment=couplet(train={"epochs": 3}, observers=["tensorboard"])
    )
    assert "observers" not in " ".join(details(recorded).settings)
    assert compare([plain, recorded]).settings == {}
    assert verify_resume(recorded, couplet(train={"epochs": 3}), HASHES) == []
    with pytest.raises(UsageError, match="observers"):
        verify_resume(recorded, couplet(train={"epochs": 3}, observers=[CALLBACK]), HASHES)
