"""Runs with every trick on gradients, updates and weights: killed and resumed, the bytes are the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from nlpx.components.observers.base import Listener
from nlpx.engine.checkpoint import Checkpoints
from nlpx.engine.train import Outcome, train
from tests.engine.staged_toy import StagedBatches
from tests.engine.test_tricks_of_weights import EVERY
from tests.engine.toy import toy_job
from tests.photographs import AtEvents
from tests.resume.runs import make_alike, same

TRICKS: list[dict[str, object]] = [*EVERY[:-1], {"type": "swa", "start": "1 epoch", "every": 2}]


def run(directory: Path, *observers: Listener, resume: bool = False) -> Outcome:
    """Two epochs of five updates, as a new process would make them."""
    directory.mkdir(exist_ok=True)
    make_alike()
    job = toy_job(
        directory,
        train={"epochs": 2, "log_every": 4},
        checkpoint={"every": 1, "keep_last": 1},
        tricks=TRICKS,
        optimizer={"type": "adam", "learning_rate": 0.02},
    )
    return train(replace(job, batches=StagedBatches(), observers=observers, resume=resume))


def test_killed_and_resumed(tmp_path: Path) -> None:
    """After seven updates: in a cycle of lookahead, with one of the weights that the mean needs."""
    run(tmp_path / "whole", AtEvents(tmp_path, 27))
    killed = tmp_path / "27"
    assert Checkpoints(killed).steps()[-1] == 7
    run(killed, resume=True)
    same(tmp_path / "whole", killed)
