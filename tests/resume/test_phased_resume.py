"""A run of two phases that was killed anywhere and resumed leaves the bytes of one that never was."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from nlpx.components.observers.base import Listener
from nlpx.components.observers.events import Event
from nlpx.engine.checkpoint import Checkpoints
from nlpx.engine.train import Outcome, train
from nlpx.errors import CheckpointError
from tests.engine.phased_toy import PHASED, duel_job
from tests.resume.runs import killed_again_and_again, make_alike, same

ROOT = Path(__file__).parents[2]
SECTIONS: dict[str, object] = {
    "train": {"epochs": 4, "accumulation": 2, "log_every": 3, "evaluate_every": 3},
    "checkpoint": {"every": 2, "keep_best": 2, "keep_last": 2},
    "tricks": [{"type": "gradient_clip", "norm": 0.1}, {"type": "ema", "momentum": 0.8}],
    "optimizer": PHASED,
}
"""Dropout, batch normalization, an objective with a variable; 8 rounds of a critic twice and a writer."""


def run(directory: Path, *observers: Listener, resume: bool = False) -> Outcome:
    """Train, or go on, in what could be a new process: everything is built anew."""
    make_alike()
    return train(replace(duel_job(directory, **SECTIONS), observers=observers, resume=resume))


class Count(Listener):
    def __init__(self) -> None:
        self.events = 0

    def on(self, event: Event) -> None:
        self.events += 1


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("uninterrupted")
    count = Count()
    outcome = run(directory, count)
    assert (outcome.progress.step, outcome.progress.epoch, outcome.reason) == (8, 4, "epochs")
    assert count.events == 36
    return directory


def test_all_of_the_state_is_saved(uninterrupted: Path) -> None:
    arrays, progress = Checkpoints(uninterrupted).load(8)
    assert {name.rpartition("/")[0] for name in arrays} == {
        *("model", "objective"),
        *("optimizer/critic", "optimizer/writer", "tricks/critic", "tricks/writer"),
    }
    assert set(progress.interval.rates) == set()
    assert progress.best[0][0] in (3, 6, 8)


def test_killed_again_and_again(uninterrupted: Path, tmp_path: Path) -> None:
    kills = killed_again_and_again(run, tmp_path, 15)
    assert 2 <= kills < 12
    same(tmp_path, uninterrupted)


def test_another_phase_is_explained(uninterrupted: Path, tmp_path: Path) -> None:
    shutil.copytree(uninterrupted, tmp_path, dirs_exist_ok=True)
    make_alike()
    job = duel_job(tmp_path, **{**SECTIONS, "optimizer": "adam"})
    with pytest.raises(CheckpointError, match=r"optimizer/critic/0008 .*is not in the checkpoint"):
        train(replace(job, resume=True))
